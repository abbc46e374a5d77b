# A fresh machine needs Python 3.11 or newer, and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test pooler faults schemathesis mutants lint lock audit vendor bench bench-page screenshots outdated

run: .venv/installed
	MALLOC_ARENA_MAX=1 $(BIN)/gunicorn

# At most 8 processes; each starts a Postgres of its own, unless TEST_DATABASE_URL names one for all.
PROCESSES := $(if $(TEST_DATABASE_URL),0,auto --maxprocesses 8)

# The tests start services and commands: without bytecode, each of them would compile the program anew.
test pooler: export PYTHONDONTWRITEBYTECODE :=

test: lint
	$(BIN)/pytest --numprocesses $(PROCESSES)

# The oracle of writes, and what is about connections: sessions, transactions, locks, prepared statements.
POOLED := tests/api/test_rules.py tests/features/data/test_transfer.py tests/faults/test_statement.py \
	$(addprefix tests/database/test_,$(addsuffix .py,cached_totals clock concurrency database limits_of_reads locks \
	one_instant pool purge unusable_database))

pooler: .venv/installed-dev  ## test the service behind PgBouncer
	$(BIN)/pytest --numprocesses $(PROCESSES) --pooler $(POOLED)

faults: .venv/installed-dev  ## cause every fault several times
	$(BIN)/pytest -m faults --rounds 5

schemathesis: .venv/installed-dev  ## send the API many random requests that its description allows or forbids
	SCHEMATHESIS_EXAMPLES=100 $(BIN)/pytest tests/api/test_schemathesis.py

mutants: .venv/installed-dev  ## break the program in 300 places, one at a time, and say what no test notices
	$(BIN)/python -m tests.mutants

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lock: .venv/installed-dev  ## compile the short lists of requirements into the pinned ones, with the newest of all else
	$(BIN)/pip install --quiet uv
	for list in requirements requirements-dev; do \
		$(BIN)/uv pip compile --upgrade --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--no-emit-index-url --no-emit-find-links $$list.in --output-file $$list.txt; done

audit: .venv/installed-dev  ## ask for known vulnerabilities of the pinned packages; needs the internet
	$(BIN)/pip install --quiet pip-audit==2.10.1
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements-dev.txt

LIT_HTML := 3.3.3
LIT_HTML_FILES := lit-html.js directive.js directive-helpers.js $(patsubst %,directives/%.js,guard live repeat) LICENSE

vendor:  ## copy lit-html from npm into the board; needs npm and the internet
	cd static/board/lit-html && npm pack --silent lit-html@$(LIT_HTML) \
		&& tar xzf lit-html-$(LIT_HTML).tgz --strip-components 1 $(addprefix package/,$(LIT_HTML_FILES)) \
		&& sha256sum $(LIT_HTML_FILES) > SHA256SUMS && rm lit-html-$(LIT_HTML).tgz

# What is installed counts only in the folder and with the Python that it was installed for.
ifneq ($(shell (.venv/bin/python -c 'import gunicorn' && cat .venv/installed) 2>&1),$(CURDIR))
OUTDATED := outdated
endif

.venv/installed: requirements.txt $(OUTDATED)
	$(call install,$<)

.venv/installed-dev: requirements-dev.txt $(OUTDATED)
	$(call install,$<)
	touch $@

# Make .venv from nothing, since a run that was interrupted may have left anything there.
define install
@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing; on Debian and Ubuntu: apt install $(PYTHON)"; exit 1; }
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.13")'
@rm -rf .venv/installed .venv/installed-dev .venv
@$(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; $(PYTHON) -c 'import sys; print("$(PYTHON) -m venv fails;\
	on Debian and Ubuntu: apt install python3.%d-venv" % sys.version_info.minor)'; exit 1; }
$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
@pwd -P > .venv/installed
endef

bench: .venv/installed-dev
	$(BIN)/python -m benchmarks $(BENCH)

bench-page: .venv/installed-dev  ## measure the longest tasks of the page; needs Chromium
	$(BIN)/python -m tests.board.longest_tasks

screenshots: .venv/installed-dev  ## draw the pictures of the board in docs/ anew; needs Chromium
	$(BIN)/python -m tests.board.screenshots
