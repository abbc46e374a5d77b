"""What Prometheus reads of one process; of several workers: test_shared_metrics.py."""

import dataclasses
import re
from datetime import UTC, datetime, timedelta

import peewee
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from db import db
from settings import VERSION, Settings
from tests.operation.test_start import run
from tests.support.commands import command
from tests.support.server import REPOSITORY
from web import metrics

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
UNITS = ("_total", "_seconds", "_info", "_max", "_in_use", "_waiting", "_up", "_created")


def families(text):
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(text, name, **labels):
    """Return the value of one series, or 0 if it is not there."""
    samples = [sample for family in families(text).values() for sample in family.samples]
    found = [sample.value for sample in samples if sample.name == name and labels.items() <= sample.labels.items()]
    return sum(found)


def scrape(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    return response.text


# --- one process


def test_the_text_is_what_prometheus_reads_and_each_metric_has_its_help_its_type_and_a_unit(client):
    client.get(MENTORS)
    response = client.get("/metrics")
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for name, family in families(response.text).items():
        assert family.documentation and family.type in ("counter", "gauge", "histogram"), name
        whole = f"{name}_total" if family.type == "counter" else name
        assert whole.endswith(UNITS) or name in ("mentors", "pauses"), name
    assert value(response.text, "build_info", version=VERSION) == 1


def test_a_request_is_counted_by_its_route_never_by_its_id(client):
    before = scrape(client)
    labels = {"method": "GET", "route": f"{MENTORS}/{{mentor_id}}"}
    for name in ("ada", "bob"):
        assert client.get(f"{MENTORS}/{name}").status_code == 404
        assert client.get(f"{MENTORS}{MENTORS}/{name}").status_code == 404  # the other spelling
    after = scrape(client)
    for name, more in (("http_requests_total", {"status": "404"}), ("http_request_duration_seconds_count", {})):
        assert value(after, name, **labels, **more) - value(before, name, **labels, **more) == 4
    assert "ada" not in after


def test_unknown_paths_and_methods_are_one_series_however_many_there_are(client):
    for number in range(20):
        client.get(f"/nothing-{number}")
        client.open("/livez", method=f"METHOD{number}")
    text = scrape(client)
    assert {sample.labels["method"] for sample in families(text)["http_requests"].samples} <= {
        *metrics.METHODS,
        "other",
    }
    assert "nothing" not in text and "METHOD" not in text
    assert value(text, "http_requests_total", method="GET", route="none", status="404") >= 20
    assert value(text, "http_requests_total", method="other", route="none", status="405") >= 20


def test_mentors_and_pauses_are_those_that_the_api_counts(client, clock):
    today = datetime.fromisoformat(clock.at)

    def day(days):
        return (today + timedelta(days=days)).astimezone(UTC).isoformat()

    for name in ("ada", "bob", "eve", "joe"):
        client.post(MENTORS, json={"mentor_id": name})
    for name, start, expected, end in (
        ("ada", -9, -2, None),
        ("bob", -9, -3, None),
        ("bob", -9, 5, None),
        ("bob", -1, None, None),
        ("eve", 3, None, None),
        ("joe", -9, None, -1),
    ):
        dates = {"start_date": day(start), "expected_return_date": expected and day(expected)}
        body = dates | {"mentor_id": name, "end_date": end and day(end), "reason": f"reason {expected}"}
        assert client.post(PAUSES, json=body).status_code == 201
    text = scrape(client)
    for status in ("active", "paused"):
        total = client.get(f"{MENTORS}?status={status}").json["pagination"]["total"]
        assert value(text, "mentors", status=status) == total == 2
    for phase, count in {"scheduled": 1, "current": 4, "overdue": 2, "undated": 1, "ended": 1}.items():
        total = client.get(f"{PAUSES}?phase={phase}").json["pagination"]["total"]
        assert value(text, "pauses", phase=phase) == total == count, phase
    assert value(text, "oldest_overdue_pause_seconds") == 3 * 24 * 60 * 60


def test_if_the_database_is_away_the_requests_are_still_there(client, monkeypatch):
    def fail(_at):
        raise peewee.OperationalError("away")

    assert value(scrape(client), "database_up") == 1
    monkeypatch.setattr(metrics, "read_figures", fail)
    told = families(scrape(client))
    assert told["database_up"].samples[0].value == 0
    assert "http_requests" in told and "mentors" not in told


def test_a_connection_in_use_is_counted_for_15_samples_since_a_scrape_may_miss_it(client):
    metrics.latest_samples.clear()
    assert value(scrape(client), "database_connections_in_use") == 0
    with db.connection_context():
        text = scrape(client)
    assert value(text, "database_connections_in_use") == 1
    assert value(text, "database_connections_max") == db.size
    for _ in range(13):
        metrics.sample_pool()
    assert value(scrape(client), "database_connections_in_use") == 1
    assert value(scrape(client), "database_connections_in_use") == 0


@pytest.mark.parametrize(("role", "status"), [("", 200), (":read", 200), (":status", 403), (":feed", 403), (None, 401)])
def test_once_there_are_tokens_the_roles_that_read_everything_open_it(app, client, monkeypatch, role, status):
    tokens = Settings.from_environ({"API_TOKENS": f"ada:{'a' * 16}{role or ''}"}).api_tokens
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], api_tokens=tokens))
    monkeypatch.setattr(app, "test_client_class", None)  # the description of this app was made without tokens
    headers = {} if role is None else {"Authorization": f"Bearer {'a' * 16}"}
    assert app.test_client().get("/metrics", headers=headers).status_code == status


@pytest.mark.parametrize("folder", ["nowhere", ""])
def test_a_folder_that_is_not_there_is_no_folder_of_metrics(tmp_path, folder):
    variables = {"PROMETHEUS_MULTIPROC_DIR": folder and tmp_path / folder}
    code, lines = run(command("migrate"), DATABASE_URL=f"sqlite:///{tmp_path}/file.db", **variables)
    assert code == 0 and len(lines) == 1, lines
    assert not list(REPOSITORY.glob("*_[0-9]*.db"))  # as prometheus_client names its files


# --- the guide


def yaml_in_readme(key):
    blocks = re.findall(r"```yaml\n(.*?)```", (REPOSITORY / "docs/monitoring.md").read_text(), re.DOTALL)
    (found,) = (document for document in map(yaml.safe_load, blocks) if key in document)
    return found[key]


def test_the_alerts_of_the_readme_use_metrics_and_labels_that_there_are(client):
    client.get("/livez")
    samples = [sample for family in families(scrape(client)).values() for sample in family.samples]
    (group,) = yaml_in_readme("groups")
    assert len(group["rules"]) == 5
    (job,) = yaml_in_readme("scrape_configs")
    for rule in group["rules"]:
        used = re.findall(r"\b([a-z]+(?:_[a-z]+)+)\b(?!\()(?:\{(\w+)=)?", rule["expr"])
        assert used or f'up{{job="{job["job_name"]}"}}' in rule["expr"]  # which Prometheus adds itself
        for name, label in used:
            assert any(sample.name == name and (not label or label in sample.labels) for sample in samples), name


def test_the_scrape_configuration_of_the_readme_asks_the_default_path_with_a_token():
    (job,) = yaml_in_readme("scrape_configs")
    assert job.keys() == {"job_name", "scrape_interval", "authorization", "static_configs", "scheme"}


def test_every_metric_is_in_the_readme(client):
    client.get("/livez")
    readme = (REPOSITORY / "docs/monitoring.md").read_text()
    for name, family in families(scrape(client)).items():
        whole = f"{name}_total" if family.type == "counter" else name
        assert f"`{whole}" in readme or name.endswith("_created"), name
