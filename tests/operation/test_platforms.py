"""The files for platforms, held to the image and the settings, and the warning that an SQLite file will be lost."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import cli
from db.sqlite_file import warning_of_loss
from settings import PARSERS, PLATFORMS, Settings, Token, platform_of
from tests.support.commands import command, run
from tests.support.programs import installed, need_mounts
from tests.support.server import REPOSITORY, environment
from web import logs

TOKENS = (Token("ada", "0" * 64),)
SMALLEST_POSTGRES = 20  # connections of Heroku's
GRACEFUL_TIMEOUT = 20  # of gunicorn.conf.py
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((REPOSITORY / "compose.yaml").read_text())["services"]
FLY = tomllib.loads((REPOSITORY / "fly.toml").read_text())
RENDER = yaml.safe_load((REPOSITORY / "render.yaml").read_text())
HEROKU = json.loads((REPOSITORY / "app.json").read_text())["env"]


def test_compose_yaml_conforms_to_the_compose_specification():
    program = Path(sys.executable).with_name("check-jsonschema")
    words = [program, "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    ended = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_compose_waits_for_a_healthy_database_stops_no_request_halfway_and_passes_every_setting():
    web, postgres = COMPOSE["web"], COMPOSE["postgres"]
    assert web["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert postgres["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert int(web["stop_grace_period"].removesuffix("s")) > GRACEFUL_TIMEOUT
    assert web["ports"] == ["127.0.0.1:${PORT:-8000}:8000"]  # a router in front has the certificate
    assert COMPOSE["pgbouncer"]["profiles"] == ["pgbouncer"]
    assert web["environment"]["API_TOKENS"].startswith("${API_TOKENS:?")  # it starts nothing without tokens
    in_files = {"API_TOKENS_FILE"}  # a file in the container, which Compose does not mount
    assert web["environment"].keys() >= PARSERS.keys() - in_files - {"PORT"}


def test_each_image_names_a_minor_version_so_that_a_build_has_the_latest_patch():
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"python:3.13-slim"}
    assert COMPOSE["postgres"]["image"] == "postgres:18"


def test_app_json_asks_for_tokens_and_two_versions_fit_into_the_smallest_postgres_of_heroku():
    assert HEROKU.keys() <= PARSERS.keys()
    assert HEROKU["API_TOKENS"].keys() == {"description"}  # no value, so Heroku asks; none is optional
    pool_size = HEROKU["DATABASE_POOL_SIZE"]["value"]
    assert 2 * int(HEROKU["WEB_CONCURRENCY"]["value"]) * int(pool_size) < SMALLEST_POSTGRES
    recipe = re.search(r"`heroku create [^`]*`", (REPOSITORY / "docs/operators.md").read_text())[0]
    assert f"config:set API_TOKENS=ITEM DATABASE_POOL_SIZE={pool_size} " in " ".join(recipe.split())


def test_fly_toml_fits_the_image():
    (mount,) = FLY["mounts"]
    assert f"VOLUME {mount['destination']}\n" in DOCKERFILE
    assert str(FLY["http_service"]["internal_port"]) == FLY["env"]["PORT"]
    assert FLY["http_service"]["checks"][0]["path"] == "/readyz"
    assert (FLY["kill_signal"], FLY["kill_timeout"] > GRACEFUL_TIMEOUT) == ("SIGTERM", True)


def test_render_yaml_names_its_own_database():
    (service,), (database,) = RENDER["services"], RENDER["databases"]
    variables = {variable["key"]: variable for variable in service["envVars"]}
    assert variables["DATABASE_URL"]["fromDatabase"]["name"] == database["name"]
    assert variables.keys() <= PARSERS.keys()
    assert variables["API_TOKENS"] == {"key": "API_TOKENS", "sync": False}  # Render asks for it
    assert service["region"] == database["region"]  # else they have no network in common
    assert service["healthCheckPath"] == "/readyz"


# --- what a start warns of


def lines_of_start(monkeypatch, tokens):
    """Return what a service on Postgres with these tokens writes at its start."""
    lines = []
    monkeypatch.setattr(logs, "write", lines.append)
    cli.begin_log(Settings.from_environ({"DATABASE_URL": "postgresql://host/name"}), tokens, 2, "0.0.0.0:8000")
    return lines


@pytest.mark.parametrize("variable", PLATFORMS)
def test_on_a_platform_a_file_that_is_on_no_volume_and_an_api_without_tokens_are_warned_of(
    variable, tmp_path, monkeypatch
):
    line = warning_of_loss(f"{tmp_path}/file.db", platform_of({variable: "web.1"}))
    assert f"{tmp_path}/file.db is not on a volume: {PLATFORMS[variable]} " in line
    assert "set DATABASE_URL to a Postgres, or to a file on a volume" in line
    monkeypatch.setenv(variable, "web.1")
    _first, line = lines_of_start(monkeypatch, ())
    assert line.startswith(f'WARNING message="{PLATFORMS[variable]} leads the internet to this service')
    assert "flask --app app token NAME" in line
    (line,) = lines_of_start(monkeypatch, TOKENS)
    assert line.startswith("INFO ") and "; board: /board; " in line  # others than this machine reach it


def test_elsewhere_nothing_is_warned_of_and_an_api_without_tokens_is_said_to_be_open(tmp_path, monkeypatch):
    assert warning_of_loss(f"{tmp_path}/file.db", platform_of({})) is None
    (line,) = lines_of_start(monkeypatch, ())
    assert line.startswith("INFO ") and "open to everyone" in line


def test_a_file_on_a_volume_is_not_warned_of(tmp_path):
    disk, folder = tmp_path / "disk", tmp_path / "data"
    folder.mkdir()
    with disk.open("wb") as file:
        file.truncate(4 << 20)
    subprocess.run([installed("mkfs.ext4"), "-q", disk], check=True)
    mount = ["sh", "-ec", 'mount -o loop "$1" "$2"; shift 2; exec "$@"', "sh", disk, folder]
    need_mounts(*mount, "true")
    code = "import sys; from db.sqlite_file import warning_of_loss; print(warning_of_loss(sys.argv[1], 'Fly'))"
    for place, is_warned_of in ((folder, False), (tmp_path, True)):
        words = ["unshare", "--mount", *mount, sys.executable, "-c", code, place / "file.db"]
        told = subprocess.check_output(words, cwd=REPOSITORY, env=environment(), text=True)
        assert ("is not on a volume" in told, told == "None\n") == (is_warned_of, not is_warned_of)


def test_the_start_logs_each_warning_once(tmp_path):
    start = command("migrate", "--workers", 2)
    _code, lines = run(start, DATABASE_URL=f"sqlite:///{tmp_path}/file.db", DYNO="web.1")
    assert len(lines) == 2
    assert "Heroku or Dokku leads the internet to this service" in lines[0]
    assert "is not on a volume: Heroku or Dokku" in lines[1]
