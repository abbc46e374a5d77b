"""What Prometheus reads: in one process, and with several workers that die."""

import dataclasses
import http.client
import os
import signal
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import peewee
import psutil
import pytest
from prometheus_client import values
from prometheus_client.parser import text_string_to_metric_families

from db import db
from metrics import registry, shared
from metrics.registry import Metrics
from metrics.shared import SharedFolder
from settings import VERSION, Settings
from tests.support.server import START_SECONDS, Server

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
UNITS = ("_total", "_seconds", "_info", "_max", "_in_use", "_waiting", "_up", "_created")


@pytest.fixture(autouse=True)
def one_process_again():
    """Undo what Metrics with a folder changes in the library."""
    yield
    values.ValueClass = values.MutexValue
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)


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
        *registry.METHODS,
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
    for phase, count in {"scheduled": 1, "current": 3, "overdue": 2, "ended": 1}.items():
        total = client.get(f"{PAUSES}?phase={phase}").json["pagination"]["total"]
        assert value(text, "pauses", phase=phase) == total == count, phase
    assert value(text, "oldest_overdue_pause_seconds") == 3 * 24 * 60 * 60


def test_where_the_database_is_away_the_requests_are_still_told(client, monkeypatch):
    def fail(_at):
        raise peewee.OperationalError("away")

    assert value(scrape(client), "database_up") == 1
    monkeypatch.setattr(registry, "read_figures", fail)
    told = families(scrape(client))
    assert told["database_up"].samples[0].value == 0
    assert "http_requests" in told and "mentors" not in told


def test_a_connection_in_use_is_counted(client):
    assert value(scrape(client), "database_connections_in_use") == 0
    with db.connection_context():
        text = scrape(client)
    assert value(text, "database_connections_in_use") == 1
    assert value(text, "database_connections_max") == db.size


def test_the_same_text_again_is_a_304_and_if_match_is_for_writes(client):
    assert client.get("/metrics", headers={"If-Match": '"x"', "Range": "bytes=0-1"}).status_code == 200


@pytest.mark.parametrize(("role", "status"), [("", 200), (":read", 200), (":status", 403), (":feed", 403), (None, 401)])
def test_once_there_are_tokens_the_roles_that_read_everything_open_it(app, client, monkeypatch, role, status):
    tokens = Settings.from_environ({"API_TOKENS": f"ada:{'a' * 16}{role or ''}"}).api_tokens
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], api_tokens=tokens))
    monkeypatch.setattr(app, "test_client_class", None)  # the description of this app was made without tokens
    headers = {} if role is None else {"Authorization": f"Bearer {'a' * 16}"}
    assert app.test_client().get("/metrics", headers=headers).status_code == status


# --- several workers, in this process


def test_two_workers_have_two_slots_and_the_next_one_takes_that_of_a_dead_one(tmp_path):
    first, second = SharedFolder(tmp_path), SharedFolder(tmp_path)
    assert (first.slot, second.slot) == (1, 2)
    os.close(first.slot_lock)  # as when its process ends
    assert SharedFolder(tmp_path).slot == 1


def test_the_gauges_of_a_dead_worker_are_removed_and_its_counters_stay(tmp_path):
    first, second = SharedFolder(tmp_path), SharedFolder(tmp_path)
    names = [f"{kind}_{slot}.db" for kind in ("counter", "gauge_livesum") for slot in (first.slot, second.slot)]
    for name in names:
        (tmp_path / name).touch()
    os.close(first.slot_lock)
    second.forget_the_dead()
    assert {path.name for path in tmp_path.glob("*.db")} == set(names) - {"gauge_livesum_1.db"}


@pytest.fixture
def figures(monkeypatch):
    """Return the list of what was read of the database."""
    read = []
    monkeypatch.setattr(shared, "read_figures", lambda: read.append(len(read)) or {"read": len(read)})
    return read


def test_figures_are_read_once_for_all_workers_and_again_after_10_seconds(tmp_path, figures):
    first, second = SharedFolder(tmp_path), SharedFolder(tmp_path)
    assert first.figures() == second.figures() == first.figures() == {"read": 1}
    ten_seconds_ago = time.time() - shared.OLDEST
    os.utime(tmp_path / "figures", (ten_seconds_ago, ten_seconds_ago))
    assert second.figures() == first.figures() == {"read": 2}


def test_figures_are_refreshed_beside_the_requests_while_somebody_asks_for_them(tmp_path, figures):
    folder = SharedFolder(tmp_path)
    folder.refresh()
    assert figures == []  # nobody has asked
    folder.figures()
    folder.refresh()
    assert len(figures) == 1  # young enough
    for name, age, reads in (("figures", shared.REFRESH_AFTER, 2), ("asked", shared.ASKED_WITHIN, 2)):
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
        folder.refresh()
        assert len(figures) == reads


def test_what_the_library_finds_in_the_environment_is_not_used(monkeypatch, app):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "/nowhere")
    Metrics().record("/livez", "GET", "200", 0.001)


# --- the real server


def workers(server):
    return {child.pid for child in psutil.Process(server.process.pid).children()}


def wait_for_other_workers(server, old):
    deadline = time.monotonic() + START_SECONDS
    while old & workers(server) or len(workers(server)) != 2:
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.01)


def text_of(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with closing(connection):
        connection.request("GET", "/metrics", headers={"Connection": "close"})
        return connection.getresponse().read().decode()


def count_of_one_mentor(server):
    """Return how many requests for one mentor were counted, as every worker tells it."""
    route = f"{MENTORS}/{{mentor_id}}"
    told = {value(text_of(server), "http_requests_total", route=route, status="404") for _ in range(8)}
    assert len(told) == 1
    return told.pop()


def test_workers_agree_and_what_a_killed_one_counted_stays_and_is_counted_once(tmp_path):
    with Server(f"sqlite:///{tmp_path}/file.db", TMPDIR=tmp_path) as server:
        (folder,) = tmp_path.glob("mentor-status-metrics-*")
        assert folder.stat().st_mode & 0o777 == 0o700
        for rounds in range(1, 5):
            for _ in range(10):
                assert server.request("GET", f"{MENTORS}/ada")[0].status == 404
            assert count_of_one_mentor(server) == 10 * rounds
            old = workers(server)
            if rounds == 3:
                server.process.send_signal(signal.SIGHUP)
                wait_for_other_workers(server, old)
            else:
                os.kill(min(old), signal.SIGKILL)
                wait_for_other_workers(server, {min(old)})
        text = text_of(server)
        assert value(text, "build_info", version=VERSION) == 1
        assert value(text, "database_connections_max") > 0
        assert len(list(folder.glob("counter_*.db"))) <= 4  # two workers, and two that follow them
    assert not folder.exists()
