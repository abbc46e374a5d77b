"""The alerts of docs/monitoring.md, tried by Prometheus' own tool: what fires in each story, and what does not."""

import json
import re
import shutil
import subprocess

import pytest

from tests.support.server import REPOSITORY

STEP = 15  # seconds between two scrapes, as in the guide
CALM = {  # the series of a service that runs; Prometheus' notation: from, + step, x how often
    'up{job="mentor-status"}': "1x240",
    "database_up": "1x240",
    'http_requests_total{status="200"}': "0+100x240",
    'http_requests_total{status="503"}': "0x240",
    "database_connections_in_use": "1x240",
    "database_connections_max": "16x240",
    "database_requests_waiting": "0x240",
    "oldest_overdue_pause_seconds": "0x240",
}
OVERDUE = {"oldest_overdue_pause_seconds": "604700+15x240"}  # over a week after the first two minutes
FIGURES = ("database_up", "oldest_overdue_pause_seconds")
FAILING = {
    'http_requests_total{status="200"}': "0+100x20 2000x220",
    'http_requests_total{status="503"}': "0x20 0+100x220",
}
ABSENT = "_x220"
UP, DATABASE_UP = 'up{job="mentor-status"}', "database_up"
GONE = {name: f"{series.replace('240', '20')} {ABSENT}" for name, series in (CALM | OVERDUE).items()} | {
    UP: "1x20 0x220"
}
NO_FIGURES = OVERDUE | FAILING | {"oldest_overdue_pause_seconds": f"604700+15x20 {ABSENT}", DATABASE_UP: "1x20 0x220"}
STORIES = {  # by what happens after five minutes: the series, and what fires after ten more
    "nothing": ({}, set()),
    "a mentor is overdue for over a week": (OVERDUE, {"MentorLongOverdue"}),
    "the mentor is back": (OVERDUE | {"oldest_overdue_pause_seconds": "604700+15x20 0x220"}, set()),
    "the service is gone": (GONE, {"ServiceGone", "MentorLongOverdue"}),
    "Prometheus has lost its target": (GONE | {UP: f"1x20 {ABSENT}"}, {"ServiceGone", "MentorLongOverdue"}),
    "the database is gone": (NO_FIGURES, {"DatabaseGone", "RequestsFail", "MentorLongOverdue"}),
    "the database is frozen": (
        NO_FIGURES | {"database_connections_in_use": "1x20" + 55 * " 16 8 0 3", "database_requests_waiting": "0x240"},
        {"DatabaseGone", "RequestsFail", "MentorLongOverdue", "DatabaseConnectionsExhausted"},
    ),
    "requests wait for connections": (
        {"database_connections_in_use": "1x20 15x220", "database_requests_waiting": "0x20" + 110 * " 3 0"},
        {"DatabaseConnectionsExhausted"},
    ),
    "all connections were in use once": ({"database_connections_in_use": "1x20 1x38 16 1x180"}, set()),
    "one request of two hundred fails": ({'http_requests_total{status="503"}': "0+0.5x240"}, set()),
    "one request of fifty fails": ({'http_requests_total{status="503"}': "0+2x240"}, {"RequestsFail"}),
}


@pytest.fixture
def rules(tmp_path):
    """Return the name of a file with the rules of the guide."""
    if not shutil.which("promtool"):
        pytest.skip("needs promtool: apt-get install prometheus (Debian, Ubuntu)")
    (block,) = re.findall(
        "^```yaml\n(groups:.*?)^```", (REPOSITORY / "docs/monitoring.md").read_text(), re.DOTALL | re.MULTILINE
    )
    (tmp_path / "rules.yml").write_text(block)
    return "rules.yml"


def promtool(folder, *words):
    ended = subprocess.run(["promtool", *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("story", STORIES)
def test_an_alert_fires_in_each_story_that_it_is_about_and_in_no_other(rules, tmp_path, story):
    changed, fires = STORIES[story]
    series = [{"series": name, "values": values} for name, values in (CALM | changed).items()]
    firing = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in fires]
    expected = {"expr": 'max by (alertname) (ALERTS{alertstate="firing"})', "eval_time": "15m", "exp_samples": firing}
    tests = [{"interval": f"{STEP}s", "input_series": series, "promql_expr_test": [expected]}]
    document = {"rule_files": [rules], "evaluation_interval": f"{STEP}s", "tests": tests}
    (tmp_path / "tests.yml").write_text(json.dumps(document))  # JSON is YAML, too
    promtool(tmp_path, "test", "rules", "tests.yml")


def test_prometheus_finds_nothing_wrong_with_the_rules(rules, tmp_path):
    promtool(tmp_path, "check", "rules", "--lint=all", "--lint-fatal", rules)
