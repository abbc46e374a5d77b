"""What the log says while the database is away: for each request one short line with the cause."""

import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from tests.support.load import MENTORS
from tests.support.postgres import Cluster
from tests.support.server import Server

pytestmark = pytest.mark.faults

REQUESTS, CLIENTS, WORKERS = 30, 6, 2
MOST_BYTES = 450  # of the two lines of a request
END_SESSIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
REFUSED = 'database \\"postgres\\" is not currently accepting connections'


def stop(postgres):
    postgres.stop("immediate")


def take_no_connections(postgres):
    with postgres.connect() as admin:
        admin.execute("UPDATE pg_database SET datallowconn = false WHERE datname = 'postgres'")
        admin.execute(END_SESSIONS)


def freeze(postgres):
    postgres.freeze()


def lines_by_request(log):
    """Return the lines of each request, by its id."""
    lines = defaultdict(str)
    for line, request_id in re.findall(r"^(.* request_id=(\w+).*\n)", log, re.MULTILINE):
        lines[request_id] += line
    return lines


@pytest.mark.parametrize(
    ("begin", "causes"),
    [
        (stop, {'cause=OperationalError reason="Connection refused"'}),
        (take_no_connections, {f'cause=OperationalError reason="{REFUSED}"'}),
        (
            freeze,
            {
                'cause=ConnectionTimeout reason="connection timeout expired"',
                'cause=ConnectionTimeout reason="no answer in time"',
            },
        ),
    ],
)
def test_while_postgres_is_away_each_request_logs_the_cause_in_a_short_line(begin, causes):
    with Cluster() as postgres, Server(postgres.url, WEB_CONCURRENCY=WORKERS) as server:
        begin(postgres)
        paths = [f"{MENTORS}/ada", f"{MENTORS}/ada/history", "/readyz"]
        with ThreadPoolExecutor(CLIENTS) as clients:
            first = [clients.submit(server.request, "GET", paths[number % 3]) for number in range(CLIENTS)]
            wait(first)  # some of them find out that the connections they were given are dead
            before = len(server.log())
            asked = [clients.submit(server.request, "GET", paths[number % 3]) for number in range(REQUESTS)]
        assert {request.result()[0].status for request in [*first, *asked]} == {503}
        log = server.log()
    requests = lines_by_request(log[before:]).values()
    assert len(requests) == REQUESTS
    assert [lines for lines in requests if not any(cause in lines for cause in causes)] == []
    assert max(len(lines.encode()) for lines in requests) <= MOST_BYTES
    assert "  File" not in log
