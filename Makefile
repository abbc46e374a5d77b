# A fresh machine needs Python 3.11 or newer, and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test faults lint lock audit bench

run: .venv/installed
	MALLOC_ARENA_MAX=1 $(BIN)/gunicorn

test: lint
	$(BIN)/pytest

faults: .venv/installed-dev  ## cause every fault several times, and say what each one cost
	$(BIN)/pytest -m faults --rounds 5

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lock: .venv/installed-dev  ## compile the short lists of requirements into the pinned ones
	$(BIN)/pip install --quiet uv
	for list in requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--no-emit-index-url --no-emit-find-links $$list.in --output-file $$list.txt; done

audit: .venv/installed-dev  ## ask for known vulnerabilities of the pinned packages; needs the internet
	$(BIN)/pip install --quiet pip-audit==2.10.1
	$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements-dev.txt

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/installed: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/installed-dev: requirements-dev.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

bench: .venv/installed-dev
	$(BIN)/python -m benchmarks $(BENCH)
