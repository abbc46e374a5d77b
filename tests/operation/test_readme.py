"""The README is true: each of its curl lines is answered as it says, and it names every route, variable and command."""

import json
import re
import shlex
from pathlib import Path

import pytest

import settings
from transfer import seeding

FOLDER = Path(__file__).parent.parent.parent
README = (FOLDER / "README.md").read_text()
SHOWN = re.findall(r"```sh\n(curl (?!--data-binary).*)\n```\n```json\n(.*)\n```", README)
ASKED = re.findall(r"`(curl [^`]*)`", README)
SPREADSHEET = README.partition("\n## In a spreadsheet\n")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"```sh\n(.*)\n```\n(?:```\w+\n((?:.*\n)+?)```)?", SPREADSHEET)  # each with its output
SCRIPTED = re.findall(r"\$\((curl [^)]*)\)", README)
HOST = "http://127.0.0.1:8000"
NOW = "2026-11-24T12:00:00Z"


@pytest.fixture
def seeded(client, clock):
    clock.at = NOW
    seeding.seed(NOW)
    return client


def curl(client, line, files=None):
    """Send what a curl command of the README sends; `files` are those that it may read, by name."""
    words = iter(shlex.split(line)[1:])
    method, data, headers, url = None, None, {}, None
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-d":
            data, method = next(words), method or "POST"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif word == "--data-binary":
            data, method = files[next(words).removeprefix("@")], "POST"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif word == "-o":
            next(words)
        elif word == "-H":
            name, value = next(words).split(": ")
            headers[name] = value
        else:
            url = word
    return client.open(url.removeprefix(HOST), method=method or "GET", data=data, headers=headers)


def test_every_curl_is_answered_as_the_readme_says(seeded):
    assert len(SHOWN) >= 15
    for line, answer in SHOWN:
        assert curl(seeded, line).text == answer + "\n", line


@pytest.mark.parametrize("line", ASKED)
def test_every_other_curl_of_the_readme_finds_something(seeded, line):
    response = curl(seeded, line)
    assert response.status_code == 200
    assert response.json.get("data") or "mentor_id" in response.json or "scheduled" in line


@pytest.mark.parametrize("line", SCRIPTED)
def test_the_curl_of_the_script_is_answered(seeded, line):
    assert curl(seeded, line).status_code == 200


def test_the_commands_for_a_spreadsheet_print_what_the_readme_says(seeded):
    (down, nothing), (_look, table), *uploads = COMMANDS
    downloaded = curl(seeded, down).text
    assert (nothing, downloaded.replace("\r\n", "\n")) == ("", table)
    edited = downloaded.replace("mentor-052,paused", "mentor-052,active")
    assert len(uploads) == 2
    for line, answer in uploads:
        assert curl(seeded, line, {"mentors.csv": edited}).text == answer


def test_the_list_of_mentors_to_pause_pauses_them_and_with_a_mistyped_id_nobody(seeded):
    (table,) = re.findall(r"must be there.*?```csv\n(.*?)```", SPREADSHEET, re.DOTALL)
    upload = COMMANDS[-1][0]
    mistyped = curl(seeded, upload, {"mentors.csv": table.replace("mentor-002", "mentor-02")})
    assert (mistyped.status_code, list(mistyped.json["errors"])) == (422, ["line 3, etag"])
    assert curl(seeded, upload, {"mentors.csv": table}).json["updated"] == 2


def test_every_curl_in_the_readme_is_one_that_is_tried():
    assert len(re.findall(f"curl .*{HOST}", README)) == len(SHOWN) + len(ASKED) + len(SCRIPTED) + len(COMMANDS) - 1


def test_the_readme_begins_with_how_to_run_three_questions_and_where_things_are():
    before = "\n".join(README.splitlines()[:125])
    where = before.index("\n## Where things are\n")
    assert before.index("\n## Run it\n") < before.index("\n## Three questions\n") < where
    assert before[:where].count("```sh\ncurl ") == 3
    assert "tests/ " in before[where:]


def test_every_file_and_folder_that_the_readme_lists_exists():
    listed = README[README.index("\n## Where things are\n") :].split("```")[1]
    paths, folder = [], None
    for line in listed.strip().splitlines():
        names = re.findall(r"\w[\w.]*(?:\.py\b|/)", line)
        if line.startswith(" "):
            paths += [folder / name for name in names]
        else:
            folder = FOLDER / names[0]
            paths += [FOLDER / name for name in names]
    assert len(paths) >= 27
    assert [path for path in paths if not path.exists()] == []


def test_every_route_is_in_the_readme(app):
    for rule in app.url_map.iter_rules():
        path = re.sub("<(.*?)>", r"{\1}", str(rule))
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert f"{method} {path}`" in README


def test_every_command_is_in_the_readme(app):
    for name in app.cli.commands:
        assert f"flask --app app {name}" in README


def test_every_variable_is_in_the_readme_and_in_the_example_of_an_environment():
    for name in [*settings.READERS, *(f"{name}_FILE" for name in settings.IN_FILES)]:
        assert re.search(rf"^\|.* ?`{name}`.*\|.*\|", README, re.MULTILINE)
        assert f"#{name}=" in (FOLDER / ".env.example").read_text()


def test_the_digest_in_the_readme_is_what_the_command_prints(app, seeded):
    ((line, printed),) = re.findall(
        r"```sh\n\.venv/bin/flask --app app (digest .*)\n```\n```text\n((?:.*\n)+?)```", README
    )
    assert app.test_cli_runner().invoke(args=line.split()).output == printed


def test_the_address_of_a_mentor_in_the_readme_is_one_that_the_service_takes():
    (url,) = re.findall("`MENTOR_URL='(.*?)'`", README)
    assert settings.Settings.from_environ({"MENTOR_URL": url}).mentor_url == url


def test_a_form_made_from_app_json_offers_no_variable_without_a_value():
    for item in json.loads((FOLDER / "app.json").read_text())["env"].values():
        assert item["value"]


def test_every_module_and_every_folder_is_in_the_readme():
    for path in FOLDER.glob("*.py"):
        assert path.name in README
    for path in FOLDER.glob("*/*.py"):
        assert f"\n{path.parent.name}/ " in README


def test_every_parameter_is_in_the_readme(app):
    for item in app.config["DESCRIPTION"]["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()) if isinstance(operation, dict) else ():
                assert parameter["in"] == "path" or f"`{parameter['name']}`" in README
