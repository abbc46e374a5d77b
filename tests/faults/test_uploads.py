"""gunicorn is killed while tables are uploaded: each of them is there with all its lines, or with none."""

import http.client
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.commands import execute
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


def test_kill_9_leaves_all_lines_of_a_table_or_none(empty_database):
    with Server(empty_database) as server, ThreadPoolExecutor(UPLOADERS) as pool:
        uploads = Uploads(server)
        clients = [pool.submit(uploads.upload, client) for client in range(UPLOADERS)]
        uploads.wait_for(ENOUGH)
        server.kill9()
        for client in clients:
            client.result()
    there = execute(empty_database, "SELECT mentor_id FROM mentor_status")
    known = Counter(mentor_id.rpartition("-")[0] for (mentor_id,) in there)
    assert set(known.values()) == {LINES}
    assert set(uploads.acknowledged) <= set(known)
    for table in ("pause_record", "history_entry"):
        assert execute(empty_database, f"SELECT count(*) FROM {table}") == [(len(there),)]
