"""gunicorn is killed while tables are uploaded: each of them is there with all its lines, or with none."""

import itertools
import uuid
from collections import Counter

import pytest

from tests.support.commands import execute
from tests.support.load import MENTORS, Load
from tests.support.server import Server
from tests.support.tables import table_of

pytestmark = pytest.mark.faults

LINES, UPLOADERS, ENOUGH = 300, 2, 4


class Uploads(Load):
    """Clients that upload one table of new mentors after the other; `acknowledged` are the names of the tables."""

    def write(self):
        name = uuid.uuid4().hex
        for number in itertools.count():
            if self.ended.is_set():
                return
            lines = [{"mentor_id": f"{name}-{number}-{line}", "status": "paused"} for line in range(LINES)]
            self.send("POST", f"{MENTORS}.csv", table_of(lines), f"{name}-{number}")


def test_kill_9_leaves_all_lines_of_a_table_or_none(empty_database):
    with Server(empty_database) as server, Uploads(server, UPLOADERS, readers=0) as load:
        load.wait_for(ENOUGH)
        assert load.statuses() == {200}
        server.kill9()
    there = execute(empty_database, "SELECT mentor_id FROM mentor_status")
    known = Counter(mentor_id.rpartition("-")[0] for (mentor_id,) in there)
    assert set(known.values()) == {LINES}
    assert set(load.acknowledged) <= set(known)
    for table in ("pause_record", "history_entry"):
        assert execute(empty_database, f"SELECT count(*) FROM {table}") == [(len(there),)]
