"""gunicorn is killed while tables are uploaded: each of them is there with all its lines, or with none."""

import http.client
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.load import MENTORS, PATIENCE
from tests.support.server import Server
from tests.support.tables import table_of

pytestmark = pytest.mark.faults

LINES, UPLOADERS, ENOUGH = 300, 2, 4


class Uploads:
    """Clients that upload one table of new mentors after the other, until the server is gone."""

    def __init__(self, server):
        self.server, self.acknowledged, self.changed = server, [], threading.Condition()

    def upload(self, client):
        for number in range(1000):
            name = f"{client}-{number}"
            table = table_of([{"mentor_id": f"{name}-{line}", "status": "paused"} for line in range(LINES)])
            try:
                response, answer = self.server.request("POST", f"{MENTORS}.csv", table)
            except (OSError, http.client.HTTPException):
                return
            assert (response.status, answer["created"]) == (200, LINES), answer
            with self.changed:
                self.acknowledged.append(name)
                self.changed.notify_all()

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= count, PATIENCE)


def lines_of_tables(server):
    """Return how many mentors of each table the service knows as paused, walking its whole list."""
    known, after = Counter(), ""
    while after is not None:
        _response, page = server.request("GET", f"{MENTORS}?limit=1000&status=paused&after={after}")
        known.update(mentor["mentor_id"].rpartition("-")[0] for mentor in page["data"])
        after = page["pagination"]["next"]
    return known


def test_kill_9_leaves_all_lines_of_a_table_or_none(empty_database, fault_cost):
    with Server(empty_database) as server, ThreadPoolExecutor(UPLOADERS) as pool:
        uploads = Uploads(server)
        clients = [pool.submit(uploads.upload, client) for client in range(UPLOADERS)]
        uploads.wait_for(ENOUGH)
        begun = time.monotonic()
        server.kill9()
        for client in clients:
            client.result()
    with Server(empty_database) as again:
        known = lines_of_tables(again)
        seconds = time.monotonic() - begun
        assert set(known.values()) == {LINES}
        missing = set(uploads.acknowledged) - set(known)
        assert not missing
        total = again.request("GET", MENTORS)[1]["pagination"]["total"]
    assert total == LINES * len(known)
    fault_cost("kill -9 during uploads", LINES * len(uploads.acknowledged), len(missing), seconds)
