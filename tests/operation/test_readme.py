"""The README and the guides are true: their curls run, their answers are as shown, and their links lead somewhere.

They also name every route, variable and command, and the contract is its owner's.
"""

import hashlib
import json
import pkgutil
import re
import shlex

import pytest

import settings
from mentors import seeding
from openapi.examples import ANSWERS, BODIES
from tests.support.curl import curl
from tests.support.databases import ON_SQLITE
from tests.support.server import REPOSITORY

FILES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
PAGES = {str(path.relative_to(REPOSITORY)): path.read_text() for path in FILES}
ALL = "\n".join(PAGES.values())
README = PAGES["README.md"]
EXAMPLES = ["README.md", "docs/backends.md", "docs/coordinators.md"]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN_NOW = "2026-11-26T12:00:00Z"  # the instant of each write on the pages
DAYS = [SHOWN_NOW, "2027-12-31T23:59:59Z", "2028-02-29T00:00:00Z"]
HERE = re.compile(r"curl (?!-fsS HEARTBEAT)\S")  # a request to the service


def commands_of(block):
    """Yield the commands of a block: one a line, unless a quote or a backslash continues it."""
    command = ""
    for line in block.replace("\\\n", "").splitlines():
        command += line
        try:
            shlex.split(command)
        except ValueError:  # a quote is open
            command += "\n"
            continue
        yield command
        command = ""
    assert not command


def scripts_and_outputs(page):
    """Yield each block of shell commands of a page, and the block right after it, with its language, or None."""
    for block in BLOCK.finditer(PAGES[page]):
        if block[1] == "sh":
            after = BLOCK.match(PAGES[page], block.end() + 1)
            yield block[2], after and (after[1], after[2])


def curls_within(page):
    """Yield the requests to the service within the text of a page."""
    for span in re.findall(r"`([^`]+)`", BLOCK.sub("", PAGES[page])):
        for command in " ".join(span.split()).split(" && "):
            if HERE.match(command):
                yield command


@pytest.fixture
def shown_examples(client, clock):
    clock.at = SHOWN_NOW
    seeding.seed(clock.at)
    return client


@pytest.mark.parametrize("now", DAYS)
@pytest.mark.parametrize("page", EXAMPLES)
def test_every_answer_is_as_the_page_shows_it_on_any_day(client, clock, page, now):
    clock.at = now
    seeding.seed(now)
    files, compared = {}, 0
    for script, output in scripts_and_outputs(page):
        if "curl" not in script:
            continue
        for line in commands_of(script):
            if line.startswith("cat "):
                name = line.removeprefix("cat ")
                printed = files[name].replace("\r\n", "\n")
                files[name] = files[name].replace("mentor-052,paused", "mentor-052,active")  # as the page says
            else:
                printed = curl(client, line, files).text
        if output:
            compared += 1
            language, text = output
            read = json.loads if language == "json" else str
            assert read(printed) == read(text.replace(SHOWN_NOW, now)), script
    assert compared >= 2


@pytest.mark.parametrize("line", sorted({line for page in PAGES for line in curls_within(page)}))
def test_every_other_curl_finds_something(shown_examples, line):
    response = curl(shown_examples, line, {})
    if "-X DELETE" in line:
        assert response.status_code == 404  # of a mentor whom the line before it creates
    elif " -d " in line:
        creates = "-X PUT" not in line and "/undo" not in line
        assert response.status_code == (201 if creates else 200)
    else:
        assert response.status_code == 200
        assert any(response.json.get(key) for key in ("data", "mentor_id", "as_of", "path"))


def test_the_list_of_mentors_to_pause_pauses_them_and_with_a_mistyped_id_nobody(shown_examples):
    (table,) = re.findall(r"must be there.*?```csv\n(.*?)```", PAGES["docs/coordinators.md"], re.DOTALL)
    upload = 'curl --data-binary @mentors.csv "$API/mentor-statuses.csv"'
    mistyped = curl(shown_examples, upload, {"mentors.csv": table.replace("mentor-002", "mentor-02")})
    assert (mistyped.status_code, list(mistyped.json["errors"])) == (422, ["line 3, etag"])
    assert curl(shown_examples, upload, {"mentors.csv": table}).json["updated"] == 2


@pytest.mark.parametrize("now", DAYS)
def test_the_mail_of_the_guide_is_what_the_command_prints_on_any_day(app, client, clock, now):
    clock.at = now
    seeding.seed(now)
    page = PAGES["docs/coordinators.md"]
    (line,) = re.findall(r"`\.venv/bin/flask --app app (digest .*?)`", page)
    (mail,) = re.findall(r"```text\n(Subject: (?:.*\n)+?)```", page)
    assert app.test_cli_runner().invoke(args=line.split()).output == mail


def test_each_word_that_the_guide_for_coordinators_quotes_is_one_of_the_board():
    page = " ".join(PAGES["docs/coordinators.md"].partition("\n## Your calendar\n")[0].split())
    files = [REPOSITORY / "static" / "board.html", *(REPOSITORY / "static" / "board").rglob("*.js")]
    board = " ".join(" ".join(path.read_text() for path in files).split()).lower()  # as a title it has a capital
    words = re.findall('"(.+?)"', page)
    assert len(words) >= 20
    assert [word for word in words if word.lower() not in board] == []


def anchors_of(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall("^#+ (.*)$", BLOCK.sub("", PAGES[page]), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)]*)\)", PAGES[page]):
        name, _, anchor = target.partition("#")
        path = ((REPOSITORY / page).parent / name).resolve() if name else REPOSITORY / page
        assert path.exists(), target
        if anchor:
            assert anchor in anchors_of(str(path.relative_to(REPOSITORY))), target


def test_every_command_and_route_is_in_a_guide_and_no_other(app):
    assert set(re.findall(r"flask --app app ([a-z-]+)", ALL)) == set(app.cli.commands)
    rows = [row.split(" | ") for row in PAGES["docs/backends.md"].splitlines() if row.startswith("| `/")]
    methods = {path: each for paths, each, _what in rows for path in re.findall("`(.*?)`", paths)}
    routes = {}
    for rule in app.url_map.iter_rules():
        path = re.sub("<(?:path:)?(.*?)>", r"{\1}", str(rule))
        routes.setdefault(path, set()).update(rule.methods - {"HEAD", "OPTIONS"})
    assert {path: set(each.split(", ")) for path, each in methods.items()} == routes


def test_the_one_test_that_the_readme_runs_is_there():
    ((file, name, case),) = re.findall(r"pytest '(\S+)::(\w+)\[(\w+)\]'", README)
    assert f"\ndef {name}(" in (REPOSITORY / file).read_text()
    assert case == "sqlite"


def test_every_variable_is_in_a_guide_and_in_the_example_of_an_environment():
    (url,) = re.findall("`MENTOR_URL='(.*?)'`", PAGES["docs/operators.md"])
    assert settings.Settings.from_environ({"MENTOR_URL": url}).mentor_url == url
    for name in [*settings.PARSERS, *(f"{name}_FILE" for name in settings.IN_FILES)]:
        assert re.search(rf"^\|.* ?`{name}`.*\|.*\|", PAGES["docs/operators.md"], re.MULTILINE)
        assert f"#{name}=" in (REPOSITORY / ".env.example").read_text()


def test_every_module_and_every_folder_of_code_is_in_the_architecture():
    folders = {f"{path.parent.name}/" for pattern in ("*/*.py", "features/*/*.py") for path in REPOSITORY.glob(pattern)}
    names = {path.name for path in REPOSITORY.glob("*.py")} | folders
    assert {name for name in names if name not in PAGES["docs/architecture.md"]} == set()


FEATURES = [path.parent for path in REPOSITORY.glob("features/*/__init__.py")]


def exists(name):
    """Say whether it is a file or folder of this project, of the board or of a feature, or a name that a module has."""
    if any((place / name).exists() for place in (REPOSITORY, REPOSITORY / "static/board", *FEATURES)):
        return True
    try:
        return pkgutil.resolve_name(name) is not None
    except (ImportError, AttributeError, ValueError):  # a ValueError: no module could have this name
        return False


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/board.md"])
def test_every_file_and_function_that_a_page_names_exists(page):
    names = re.findall(r"`(\w[\w/]*(?:\.[\w.]+)?/?)(?:\(\))?`", PAGES[page])
    named = {name for name in names if "." in name or "/" in name}
    assert len(named) >= 2
    assert [name for name in named if not exists(name)] == []


# --- the contract

CONTRACT = REPOSITORY / "docs/contract.txt"
# An operation begins with its method and its path, each on a line.
OPERATION = re.compile(r"^(GET|POST|PUT|DELETE)\n/api/v1/mentor-statuses(/api/\S+)$", re.MULTILINE)
EXAMPLE = re.compile(r"^(Request|Response) Example\n", re.MULTILINE)


def test_the_contract_is_the_text_of_its_owner_byte_for_byte():
    digest = hashlib.sha256(CONTRACT.read_bytes()).hexdigest()
    assert digest == "ceab2189060a22ff7f11b8ace799692346ea2ac3d249b1b85fc528979a52d198"


@ON_SQLITE
def test_the_examples_of_the_description_are_those_of_the_contract_with_their_keys_in_its_order(app):
    operation_ids = {
        (method, re.sub("<.*>", ":id", str(rule))): rule.endpoint.partition(".")[2]
        for rule in app.url_map.iter_rules()
        for method in rule.methods
    }
    examples = {"Request": {}, "Response": {}}
    _heading, *operations = OPERATION.split(CONTRACT.read_text())
    for method, path, text in zip(operations[::3], operations[1::3], operations[2::3], strict=True):
        for heading in EXAMPLE.finditer(text):
            value, _end = json.JSONDecoder().raw_decode(text, heading.end())
            examples[heading[1]][operation_ids[method, re.sub(r":\w+", ":id", path)]] = value
    assert len(examples["Response"]) == 10
    # As text, since dicts are equal whatever the order of their keys.
    assert json.dumps(examples["Request"], indent=1) == json.dumps(BODIES, indent=1)
    assert json.dumps(examples["Response"], indent=1) == json.dumps(ANSWERS, indent=1)
