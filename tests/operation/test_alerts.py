"""The alerts of docs/monitoring.md, tried by Prometheus' own tool: what fires in each story, and what does not."""

import json
import re
import subprocess

import pytest

from tests.support.programs import installed
from tests.support.server import REPOSITORY

STEP = 15  # seconds between two scrapes, as in the guide
UP, DATABASE_UP, OVERDUE = 'up{job="mentor-status"}', "database_up", "oldest_overdue_pause_seconds"
ACTIVE, PAUSED = 'mentors{status="active"}', 'mentors{status="paused"}'
# The series of a service that runs, for two hours; Prometheus' notation: from, + step, x how often; _ is absent.
CALM = {UP: "1x480", DATABASE_UP: "1x480", OVERDUE: "0x480", ACTIVE: "3x480", PAUSED: "2x480"}
LONG_OVERDUE = {OVERDUE: "604700+15x480"}  # over a week after the first two minutes
ABSENT = "_x460"
NO_FIGURES = {
    DATABASE_UP: "1x20 0x460",
    OVERDUE: f"604700+15x20 {ABSENT}",
    ACTIVE: f"3x20 {ABSENT}",
    PAUSED: f"2x20 {ABSENT}",
}
GONE = NO_FIGURES | {UP: "1x20 0x460", DATABASE_UP: f"1x20 {ABSENT}"}
NOBODY_ACTIVE = {ACTIVE: "3x20 0x460"}
ONE_SCRAPE_FAILS = {ACTIVE: "3x20 0x100 stale 0x358", PAUSED: "2x120 stale 2x358"}
STORIES = {  # by what happens after five minutes: the series, when Prometheus is asked, and what fires then
    "nothing": ({}, "15m", set()),
    "a mentor is overdue for over a week": (LONG_OVERDUE, "15m", {"MentorLongOverdue"}),
    "the mentor is back": ({OVERDUE: "604700+15x20 0x460"}, "15m", set()),
    "the service is gone": (GONE, "15m", {"ServiceGone", "MentorLongOverdue"}),
    "Prometheus has lost its target": (GONE | {UP: f"1x20 {ABSENT}"}, "15m", {"ServiceGone", "MentorLongOverdue"}),
    "the database is gone": (NO_FIGURES, "15m", {"DatabaseGone", "MentorLongOverdue"}),
    "all mentors are paused for less than an hour": (NOBODY_ACTIVE, "64m", set()),
    "all mentors are paused for an hour": (NOBODY_ACTIVE, "66m", {"NobodyActive"}),
    "a scrape fails meanwhile": (ONE_SCRAPE_FAILS, "66m", {"NobodyActive"}),
    "a mentor is back meanwhile": (NOBODY_ACTIVE | {ACTIVE: "3x20 0x100 1 0x358"}, "66m", set()),
    "there are no mentors": ({ACTIVE: "0x480", PAUSED: "0x480"}, "115m", set()),
}


@pytest.fixture
def rules(tmp_path):
    """Return the name of a file with the rules of the guide."""
    (block,) = re.findall(
        "^```yaml\n(groups:.*?)^```", (REPOSITORY / "docs/monitoring.md").read_text(), re.DOTALL | re.MULTILINE
    )
    (tmp_path / "rules.yml").write_text(block)
    return "rules.yml"


def promtool(folder, *words):
    words = [installed("promtool"), *words]
    ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("story", STORIES)
def test_an_alert_fires_in_each_story_that_it_is_about_and_in_no_other(rules, tmp_path, story):
    changed, asked, fires = STORIES[story]
    series = [{"series": name, "values": values} for name, values in (CALM | changed).items()]
    firing = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in fires]
    expected = {"expr": 'max by (alertname) (ALERTS{alertstate="firing"})', "eval_time": asked, "exp_samples": firing}
    tests = [{"interval": f"{STEP}s", "input_series": series, "promql_expr_test": [expected]}]
    document = {"rule_files": [rules], "evaluation_interval": f"{STEP}s", "tests": tests}
    (tmp_path / "tests.yml").write_text(json.dumps(document))  # JSON is YAML, too
    promtool(tmp_path, "test", "rules", "tests.yml")


def test_prometheus_finds_nothing_wrong_with_the_rules(rules, tmp_path):
    promtool(tmp_path, "check", "rules", "--lint=all", "--lint-fatal", rules)
