"""`flask purge`: what it prints, and killed in the middle."""

import os
import subprocess
import sys
from contextlib import suppress

import pytest

from benchmarks.data import fill
from tests.support.commands import app_on, command, execute, flask, start
from tests.support.databases import EMPTY_SQLITE
from tests.support.waiting import wait_until

DATE = "2026-06-01"  # after all that is there
COUNT_PAUSES = "SELECT count(*) FROM pause_record"
# Of 1,000 mentors with three entries each, 200 are in a pause that stays, and 200 had one.
STAYING, PAUSES, ENTRIES = 200, 200, 3 * 1000
# A purge that rests for an hour after its first transaction, which deletes some of the pauses.
PURGE_WITH_A_REST = f"""
import sys
from flask.cli import main
from mentors import retention
retention.BATCH_ROWS, retention.LEAST_REST = {PAUSES // 4}, 3600
sys.argv = ["flask", "--app", "app", "purge", "--before", "{DATE}"]
main()
"""


@pytest.fixture
def filled_url(migrated_url):
    """Return the URL of a database with many mentors."""
    with app_on(migrated_url):
        fill(1000)
    return migrated_url


@EMPTY_SQLITE
def test_progress_is_shown_on_a_terminal(filled_url):
    ours, terminal = os.openpty()
    with start(command("purge", "--before", DATE), filled_url, stdout=subprocess.DEVNULL, stderr=terminal) as process:
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # the end of a terminal that nobody holds open
            while piece := os.read(ours, 1000):
                shown += piece
    os.close(ours)
    assert process.returncode == 0
    assert b"purge" in shown and b"100%" in shown


def test_a_purge_that_is_killed_in_the_middle_is_completed_by_the_next(filled_url):
    with start([sys.executable, "-c", PURGE_WITH_A_REST], filled_url) as process:
        try:
            wait_until(lambda: process.poll() is not None or execute(filled_url, COUNT_PAUSES) < [(STAYING + PAUSES,)])
            assert process.poll() is None
        finally:
            process.kill()
    ((pauses,),) = execute(filled_url, COUNT_PAUSES)
    assert 0 < pauses - STAYING < PAUSES
    left, purge = f"{pauses - STAYING} pauses, {ENTRIES} history entries", ["purge", "--before", DATE]
    assert [flask(filled_url, *words) for words in ([*purge, "--dry-run"], purge, purge)] == [
        (0, [f"purge: {left} would be deleted"]),
        (0, [f"purge: {left} deleted"]),
        (0, ["purge: 0 pauses, 0 history entries deleted"]),
    ]
    assert execute(filled_url, COUNT_PAUSES) == [(STAYING,)]
    assert execute(filled_url, "SELECT count(*) FROM installation WHERE purged_before IS NOT NULL") == [(1,)]
