"""The files for platforms, held to the image and the settings, and the warning that an SQLite file will be lost."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

import cli
from settings import PARSERS, Settings
from tests.support.commands import command, run
from tests.support.programs import need_mounts
from tests.support.server import REPOSITORY

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
    recipe = re.search(r"heroku create\n[^`]*", (REPOSITORY / "docs/operators.md").read_text())[0]
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


START = command("migrate", "--workers", 2)  # as gunicorn does it
TOKENS = f"ada:{'a' * 16}"


def test_on_a_platform_a_file_that_is_on_no_volume_and_an_api_without_tokens_are_warned_of(tmp_path):
    url = f"sqlite:///{tmp_path}/file.db"
    _code, (of_the_api, of_the_file) = run(START, DATABASE_URL=url, DYNO="web.1")
    assert of_the_api.startswith('WARNING message="Heroku or Dokku leads the internet to this service')
    assert "flask --app app token NAME" in of_the_api
    assert f"{tmp_path}/file.db is not on a volume: Heroku or Dokku " in of_the_file
    assert "set DATABASE_URL to a Postgres, or to a file on a volume" in of_the_file
    assert run(START, DATABASE_URL=url, DYNO="web.1", API_TOKENS=TOKENS) == (0, [of_the_file])
    assert run(START, DATABASE_URL=url) == (0, [])


def test_a_file_on_a_volume_is_not_warned_of(tmp_path):
    need_mounts()
    (tmp_path / "data").mkdir()
    mount = ["unshare", "--mount", "sh", "-ec", 'mount -t tmpfs tmpfs "$1"; shift; exec "$@"', "sh", tmp_path / "data"]
    url = f"sqlite:///{tmp_path}/data/file.db"
    assert run([*mount, *START], DATABASE_URL=url, DYNO="web.1", API_TOKENS=TOKENS) == (0, [])


def test_the_first_line_of_the_log_says_that_an_api_without_tokens_is_open(lines):
    cli.begin_log(Settings.from_environ({"DATABASE_URL": "postgresql://host/name"}), (), 2, "0.0.0.0:8000")
    (line,) = lines
    assert "open to everyone" in line
    assert "; board: /board; " in line  # others than this machine reach it
