"""What Prometheus reads at /metrics, and what the guide says about it."""

import re
from datetime import timedelta

import yaml
from prometheus_client.parser import text_string_to_metric_families

from db import db
from mentors.seeding import seed
from settings import VERSION
from tests.support.commands import app_on
from tests.support.databases import ON_SQLITE
from tests.support.server import REPOSITORY, free_port

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
ALWAYS = {"build_info", "database_up"}
OF_THE_DATABASE = {"mentors", "pauses", "oldest_overdue_pause_seconds"}
GUIDE = (REPOSITORY / "docs/monitoring.md").read_text()


def families(text):
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(text, name, **labels):
    """Return the value of one series, or 0 if it is not there."""
    samples = [sample for family in families(text).values() for sample in family.samples]
    return sum(each.value for each in samples if each.name == name and labels.items() <= each.labels.items())


def scrape(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    return response.text


# --- the figures


def test_the_text_is_what_prometheus_reads_and_each_metric_is_a_gauge_with_its_help(client):
    response = client.get("/metrics")
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = families(response.text)
    assert found.keys() == ALWAYS | OF_THE_DATABASE
    assert all(family.documentation and family.type == "gauge" for family in found.values())
    assert value(response.text, "build_info", version=VERSION) == value(response.text, "database_up") == 1


def test_mentors_and_pauses_are_those_that_the_api_counts(client, clock):
    seed(clock.at)
    text = scrape(client)
    for status in ("active", "paused"):
        total = client.get(f"{MENTORS}?status={status}").json["pagination"]["total"]
        assert value(text, "mentors", status=status) == total > 0
    for phase in ("scheduled", "current", "overdue", "undated", "ended"):
        total = client.get(f"{PAUSES}?phase={phase}").json["pagination"]["total"]
        assert value(text, "pauses", phase=phase) == total > 0, phase
    longest = timedelta(days=20, hours=8, minutes=30)  # since the beginning of the day on which mentor-007 was expected
    assert value(text, "oldest_overdue_pause_seconds") == longest.total_seconds()


def assert_says_that_the_database_is_away(text):
    assert families(text).keys() == ALWAYS
    assert value(text, "build_info", version=VERSION) == 1
    assert value(text, "database_up") == 0


def test_if_a_figure_of_the_database_cannot_be_read_all_of_them_are_left_out(client):
    with db.connection_context():
        db.execute_sql("ALTER TABLE pause_record RENAME TO elsewhere")
    try:
        assert_says_that_the_database_is_away(scrape(client))
    finally:
        with db.connection_context():
            db.execute_sql("ALTER TABLE elsewhere RENAME TO pause_record")
    assert value(scrape(client), "database_up") == 1


def test_while_the_database_is_away_it_is_said_so():
    with app_on(f"postgresql://127.0.0.1:{free_port()}/name") as app:
        assert_says_that_the_database_is_away(scrape(app.test_client()))


@ON_SQLITE
def test_once_there_are_tokens_the_roles_that_read_everything_open_it(configured):
    roles = {"all": 200, "write": 200, "read": 200, "status": 403, "feed": 403}
    given = {role: "" if role == "all" else f":{role}" for role in roles}
    client = configured(API_TOKENS=",".join(f"{role}:{role * 16}{end}" for role, end in given.items()))
    for role, status in roles.items():
        headers = {"Authorization": f"Bearer {role * 16}"}
        assert client.get("/metrics", headers=headers).status_code == status, role
    assert client.get("/metrics").status_code == 401


# --- the guide


@ON_SQLITE
def test_the_guide_names_every_metric_and_its_alerts_use_series_that_there_are(client):
    table = re.findall(r"^\| (`.*?) \|", GUIDE.partition("| metric |")[2].partition("\n\n")[0], re.MULTILINE)
    assert set(re.findall(r"`(\w+)", " ".join(table))) == ALWAYS | OF_THE_DATABASE
    documents = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)]
    (job,) = next(document["scrape_configs"] for document in documents if "scrape_configs" in document)
    # It asks the default path, with a token.
    assert job.keys() == {"job_name", "scrape_interval", "authorization", "static_configs", "scheme"}
    (group,) = next(document["groups"] for document in documents if "groups" in document)
    assert len(group["rules"]) == 4
    samples = [sample for family in families(scrape(client)).values() for sample in family.samples]
    series = [(sample.name, sample.labels) for sample in samples] + [("up", {"job": job["job_name"]})]
    for rule in group["rules"]:
        words = re.findall(r'\b([a-z_]+)\b(?!\()(?:\{(\w+)="([^"]*)"\})?', rule["expr"])
        used = [word for word in words if word[0] not in ("and", "or")]
        assert used
        for name, label, wanted in used:
            assert [labels for each, labels in series if each == name and (not label or labels.get(label) == wanted)]
