"""What the log says while the database is away: for each request one short line with the cause."""

import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager

import psycopg
import pytest

from tests.support.commands import app_on
from tests.support.load import MENTORS
from tests.support.postgres import Cluster
from web import logs

pytestmark = pytest.mark.faults

REQUESTS, CLIENTS = 30, 6
MOST_BYTES = 450  # of the two lines of a request
TIMEOUT = 'cause=ConnectionTimeout reason="{}"'
REFUSED = 'database \\"postgres\\" is not currently accepting connections'


@contextmanager
def stopped(cluster):
    cluster.stop("immediate")
    yield
    cluster.start()


@contextmanager
def closed_to_connections(cluster):
    allow = "UPDATE pg_database SET datallowconn = {} WHERE datname = 'postgres'"
    with psycopg.connect(f"postgresql://postgres@127.0.0.1:{cluster.port}/template1", autocommit=True) as admin:
        admin.execute(allow.format("false"))
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'")
        yield
        admin.execute(allow.format("true"))


def lines_by_request(log):
    """Return the lines of each request, by its id."""
    lines = defaultdict(str)
    for line in log:
        lines[re.search(r" request_id=(\w+)", line)[1]] += f"{line}\n"
    return lines


@pytest.mark.parametrize(
    ("away", "causes"),
    [
        (stopped, {'cause=OperationalError reason="Connection refused"'}),
        (Cluster.frozen, {TIMEOUT.format("connection timeout expired"), TIMEOUT.format("no answer in time")}),
        (closed_to_connections, {f'cause=OperationalError reason="{REFUSED}"'}),
    ],
)
def test_while_postgres_is_away_each_request_logs_the_cause_in_a_short_line(cluster, away, causes, monkeypatch):
    log, paths = [], [f"{MENTORS}/ada", f"{MENTORS}/ada/history", "/readyz"]
    monkeypatch.setattr(logs, "write", log.append)
    with app_on(cluster.url) as app, away(cluster), ThreadPoolExecutor(CLIENTS) as clients:

        def ask(number):
            return app.test_client().get(paths[number % 3]).status_code

        first = [clients.submit(ask, number) for number in range(CLIENTS)]
        wait(first)  # some of them find out that the connections they were given are dead
        before = len(log)
        asked = [clients.submit(ask, number) for number in range(REQUESTS)]
        assert {request.result() for request in [*first, *asked]} == {503}
    requests = lines_by_request(log[before:]).values()
    assert len(requests) == REQUESTS
    assert [lines for lines in requests if not any(cause in lines for cause in causes)] == []
    assert max(len(lines.encode()) for lines in requests) <= MOST_BYTES
    assert not any("  File" in line for line in log)
