"""Many clients write to one mentor at once, through two services: each write is done once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.support.load import MENTORS, KeepAlive
from tests.support.pgbouncer import PgBouncer
from tests.support.server import Server

ADA = f"{MENTORS}/ada"
CLIENTS, WRITES = 8, 100  # of each client
WAYS = [("sqlite", "direct"), ("postgres", "direct"), ("postgres", "through PgBouncer")]


def whole_history(client):
    """Return all history entries of the mentor, the oldest first."""
    entries, after = [], ""
    while after is not None:
        _response, page = client.request("GET", f"{ADA}/history?limit=100&after={after}")
        entries += page["data"]
        after = page["pagination"]["next"]
    return entries[::-1]


@pytest.mark.faults
@pytest.mark.parametrize(("empty_database", "way"), WAYS, indirect=["empty_database"])
def test_every_write_of_eight_clients_to_one_mentor_is_done_once(empty_database, way):
    with ExitStack() as stack:
        url = empty_database
        if way == "through PgBouncer":
            url = stack.enter_context(PgBouncer(empty_database)).url
        servers = [stack.enter_context(Server(url)) for _ in range(2)]
        clients = [stack.enter_context(KeepAlive(servers[number % 2])) for number in range(CLIENTS)]
        assert clients[0].request("POST", MENTORS, {"mentor_id": "ada"})[0].status == 201

        def write(number):
            statuses = Counter()
            for turn in range(WRITES):
                start = f"{1990 + number}-{turn // 28 + 1:02}-{turn % 28 + 1:02}T00:00:00Z"
                sent = {"status": "paused", "pause_start_date": start, "metadata": {"initiated_by": f"{number} {turn}"}}
                statuses[clients[number].request("PUT", ADA, sent)[0].status] += 1
            return statuses

        with ThreadPoolExecutor(CLIENTS) as threads:
            assert sum(threads.map(write, range(CLIENTS)), Counter()) == {200: CLIENTS * WRITES}
        created, *entries = whole_history(clients[0])
        assert created["event"] == "created"
        sent = sorted(f"{number} {turn}" for number in range(CLIENTS) for turn in range(WRITES))
        assert sorted(entry["changed_by"] for entry in entries) == sent
        instants = [entry["changed_at"] for entry in entries]
        assert instants == sorted(instants)
        assert clients[0].request("GET", "/api/v1/pause-records?limit=1")[1]["pagination"]["total"] == CLIENTS * WRITES
