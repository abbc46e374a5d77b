"""The files for platforms, held to what each platform documents, and what the log says at the start."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import cli
import settings
from settings import Settings, Token
from tests.support.server import REPOSITORY
from web import logs

TOOLS = Path(sys.executable).parent
GRACEFUL_TIMEOUT = 20  # of gunicorn.conf.py

# https://fly.io/docs/reference/configuration/: each key that fly.toml has, and what it may be.
FLY = {
    "app": str,
    "primary_region": str,
    "kill_signal": ("SIGINT", "SIGTERM", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGKILL", "SIGSTOP"),
    "kill_timeout": range(1, 301),
    "build.dockerfile": str,
    "env.PORT": str,
    "env.WEB_CONCURRENCY": str,
    "mounts.source": str,
    "mounts.destination": str,
    "mounts.initial_size": str,
    "http_service.internal_port": int,
    "http_service.force_https": bool,
    "http_service.auto_stop_machines": ("off", "stop", "suspend"),
    "http_service.auto_start_machines": bool,
    "http_service.min_machines_running": int,
    "http_service.concurrency.type": ("connections", "requests"),
    "http_service.concurrency.soft_limit": int,
    "http_service.concurrency.hard_limit": int,
    "http_service.checks.method": str,
    "http_service.checks.path": str,
    "http_service.checks.interval": str,
    "http_service.checks.timeout": str,
    "http_service.checks.grace_period": str,
    "vm.size": str,
    "vm.memory": str,
}
# https://render.com/docs/blueprint-spec: the same of render.yaml.
RENDER = {
    "services.type": ("web", "pserv", "worker", "cron", "keyvalue"),
    "services.name": str,
    "services.runtime": ("docker", "image", "python", "node", "ruby", "go", "rust", "elixir", "static"),
    "services.plan": ("free", "starter", "standard", "pro", "pro plus", "pro max", "pro ultra"),
    "services.healthCheckPath": str,
    "services.envVars.key": str,
    "services.envVars.value": str,
    "services.envVars.sync": (False,),
    "services.envVars.fromDatabase.name": str,
    "services.envVars.fromDatabase.property": ("connectionString", "host", "port", "user", "password", "database"),
    "databases.name": str,
    "databases.plan": ("free", "basic-256mb", "basic-1gb", "basic-4gb"),
    "databases.postgresMajorVersion": str,
    "databases.ipAllowList": str,
}


def leaves(value, path=()):
    """Yield every value in nested tables and lists with its path, as keys with dots between them."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    else:
        yield ".".join(path), value


def assert_documented(document, keys):
    for path, value in leaves(document):
        allowed = keys[path]
        assert type(value) is allowed if isinstance(allowed, type) else value in allowed, path


@pytest.fixture
def fly():
    return tomllib.loads((REPOSITORY / "fly.toml").read_text())


@pytest.fixture
def render():
    return yaml.safe_load((REPOSITORY / "render.yaml").read_text())


@pytest.fixture
def compose():
    return yaml.safe_load((REPOSITORY / "compose.yaml").read_text())


# --- Compose


def test_compose_yaml_conforms_to_the_compose_specification():
    command = [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_compose_waits_for_a_healthy_database_and_stops_no_request_halfway(compose):
    web, postgres = compose["services"]["web"], compose["services"]["postgres"]
    assert web["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert postgres["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert int(web["stop_grace_period"].removesuffix("s")) > GRACEFUL_TIMEOUT
    assert web["ports"] == ["127.0.0.1:8000:8000"]  # nobody else: the API is open
    assert compose["services"]["pgbouncer"]["profiles"] == ["pgbouncer"]


# --- Fly and Render


def test_fly_toml_has_documented_keys_alone_and_fits_the_image(fly):
    assert_documented(fly, FLY)
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    (mount,) = fly["mounts"]
    assert f"VOLUME {mount['destination']}\n" in dockerfile
    assert str(fly["http_service"]["internal_port"]) == fly["env"]["PORT"]
    assert fly["http_service"]["checks"][0]["path"] == "/readyz"
    assert (fly["kill_signal"], fly["kill_timeout"] > GRACEFUL_TIMEOUT) == ("SIGTERM", True)


def test_render_yaml_has_documented_keys_alone_and_names_its_own_database(render):
    assert_documented(render, RENDER)
    (service,), (database,) = render["services"], render["databases"]
    variables = {variable["key"]: variable for variable in service["envVars"]}
    assert variables["DATABASE_URL"]["fromDatabase"]["name"] == database["name"]
    assert variables.keys() <= settings.READERS.keys()
    assert service["healthCheckPath"] == "/readyz"


# --- the first line of the log


@pytest.mark.parametrize(("url", "keeps"), [("sqlite:////data/file.db", True), ("postgresql://host/name", False)])
@pytest.mark.parametrize(("tokens", "is_open"), [((), True), ((Token("ada", "0" * 64),), False)])
def test_the_start_says_that_a_file_must_outlive_a_deploy_and_who_may_use_the_api(
    url, keeps, tokens, is_open, monkeypatch
):
    lines = []
    monkeypatch.setattr(logs, "write", lines.append)
    cli.begin_log(Settings.from_environ({"DATABASE_URL": url}), tokens, 2)
    (line,) = lines
    assert ("outlives a deploy" in line, "open to everyone" in line) == (keeps, is_open)
