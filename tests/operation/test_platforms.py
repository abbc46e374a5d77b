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
from settings import PARSERS, Settings
from tests.support.commands import command, run
from tests.support.programs import need_mounts
from tests.support.server import REPOSITORY, Server, free_port

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


def test_on_a_platform_a_file_that_is_on_no_volume_is_warned_of(tmp_path):
    url = f"sqlite:///{tmp_path}/file.db"
    _code, (of_the_file,) = run(START, DATABASE_URL=url, DYNO="web.1")
    assert f"{tmp_path}/file.db is not on a volume: Heroku or Dokku " in of_the_file
    assert "set DATABASE_URL to a Postgres, or to a file on a volume" in of_the_file
    assert run(START, DATABASE_URL=url) == (0, [])


def test_a_file_on_a_volume_is_not_warned_of(tmp_path):
    need_mounts()
    (tmp_path / "data").mkdir()
    mount = ["unshare", "--mount", "sh", "-ec", 'mount -t tmpfs tmpfs "$1"; shift; exec "$@"', "sh", tmp_path / "data"]
    url = f"sqlite:///{tmp_path}/data/file.db"
    assert run([*mount, *START], DATABASE_URL=url, DYNO="web.1", API_TOKENS=TOKENS) == (0, [])


@pytest.mark.parametrize(
    ("bind", "is_warned_of"),
    [
        ("127.0.0.1:8000", False),
        ("tcp://127.0.0.53", False),
        ("localhost:8000", False),
        ("[::1]:8000", False),
        ("unix:/run/mentor-status.sock", False),
        ("127.0.0.1:8000,unix:mentor-status.sock", False),
        ("0.0.0.0:8000", True),
        ("[::]:8000", True),
        (":8000", True),
        ("127.0.0.1.example.org:8000", True),
        ("127.0.0.1:8000,10.0.0.7:8000", True),
    ],
)
def test_an_api_without_tokens_is_warned_of_where_others_than_this_machine_may_reach_it(lines, bind, is_warned_of):
    settings = Settings.from_environ({"DATABASE_URL": "postgresql://host/name", "API_TOKENS": TOKENS})
    cli.begin_log(settings, settings.api_tokens, 2, bind)
    assert len(lines) == 1
    cli.begin_log(settings, (), 2, bind)
    warnings = lines[2:]
    assert len(warnings) == is_warned_of
    for line in warnings:
        assert line.startswith(f'WARNING message="the service binds {bind}, and without API_TOKENS everybody ')
        assert "flask --app app token NAME" in line


def test_gunicorn_says_every_address_that_it_binds(tmp_path):
    binds = [f"{host}:{free_port()}" for host in ("127.0.0.1", "0.0.0.0")]
    url = f"sqlite:///{tmp_path}/file.db"
    with Server(
        url, int(binds[0].rpartition(":")[2]), GUNICORN_CMD_ARGS=" ".join(f"--bind {bind}" for bind in binds)
    ) as server:
        assert f"the service binds {','.join(binds)}, and without API_TOKENS" in server.log()


def test_a_variable_whose_name_is_a_letter_away_is_warned_of_and_its_value_is_not_told(tmp_path):
    url, secret = f"sqlite:///{tmp_path}/file.db", f"ada:{'secret' * 3}"
    _code, (line,) = run(START, DATABASE_URL=url, API_TOKEN=secret)
    assert line == 'WARNING message="API_TOKEN is no variable of this service; if API_TOKENS is meant, rename it."'
    assert run(START, DATABASE_URL=url, API_TOKEN=secret, API_TOKENS=TOKENS) == (0, [])


def test_the_first_line_of_the_log_says_that_an_api_without_tokens_is_open(lines):
    cli.begin_log(Settings.from_environ({"DATABASE_URL": "postgresql://host/name"}), (), 2, "0.0.0.0:8000")
    assert "open to everyone" in lines[0]
    assert "; board: /board; " in lines[0]  # others than this machine reach it
