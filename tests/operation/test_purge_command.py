"""`flask purge` as a process: what it prints, killed in the middle, and two at once."""

import os
import re
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.operation.test_start import read, run
from tests.support.commands import command
from tests.support.server import REPOSITORY, START_SECONDS, environment

DATE = "2026-06-01"  # after all that is there
FILL = "import app; app.create_app(); from benchmarks.data import fill; fill(1000)"
COUNT = "SELECT count(*) FROM history_entry"
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
def url(empty_database):
    """Return the URL of a database with many mentors."""
    assert run(command("migrate"), DATABASE_URL=empty_database)[0] == 0
    assert run([sys.executable, "-c", FILL], DATABASE_URL=empty_database)[0] == 0
    return empty_database


def start(url, **more):
    given = {"cwd": REPOSITORY, "env": environment(DATABASE_URL=url), "text": True} | more
    return subprocess.Popen(command("purge", "--before", DATE), stdout=subprocess.PIPE, **given)


def counts(printed):
    return [int(number) for number in re.findall(r"(\d+) (?:pauses|history entries)", printed)]


def assert_purged(url):
    assert read(url, COUNT_PAUSES) == [(STAYING,)]
    assert read(url, COUNT) == [(0,)]
    assert read(url, "SELECT count(*) FROM installation WHERE purged_before IS NOT NULL") == [(1,)]


def test_a_dry_run_a_purge_and_another_say_in_one_line_how_much_it_was(url):
    purge = command("purge", "--before", DATE)
    would_be, was, nothing = (run(words, DATABASE_URL=url) for words in ([*purge, "--dry-run"], purge, purge))
    assert would_be == (0, [f"purge: {PAUSES} pauses, {ENTRIES} history entries would be deleted"])
    assert was == (0, [f"purge: {PAUSES} pauses, {ENTRIES} history entries deleted"])
    assert nothing == (0, ["purge: 0 pauses, 0 history entries deleted"])
    assert_purged(url)


def test_progress_is_shown_on_a_terminal(url):
    ours, terminal = os.openpty()
    with start(url, stderr=terminal) as process:
        os.close(terminal)
        shown = b""
        with suppress(OSError):  # the end of a terminal that nobody holds open
            while piece := os.read(ours, 1000):
                shown += piece
    os.close(ours)
    assert process.returncode == 0
    assert b"purge" in shown and b"100%" in shown


@pytest.mark.parametrize("empty_database", ["sqlite"], indirect=True)
def test_a_backup_knows_what_was_purged(url, tmp_path):
    assert run(command("purge", "--before", DATE), DATABASE_URL=url)[0] == 0
    assert run(command("backup", tmp_path / "copy.db"), DATABASE_URL=url)[0] == 0
    assert read(f"sqlite:///{tmp_path}/copy.db", "SELECT purged_before FROM installation") == [(f"{DATE}T00:00:00Z",)]


@pytest.mark.parametrize("date", ["yesterday", "2199-01-01", ""])
def test_a_date_that_cannot_be_purged_ends_in_one_line(url, date):
    code, lines = run(command("purge", "--before", date), DATABASE_URL=url)
    assert (code, len(lines)) == (1, 1), lines
    assert lines[0].startswith("purge: ")


def test_a_purge_that_is_killed_in_the_middle_is_completed_by_the_next(url):
    given = {"cwd": REPOSITORY, "env": environment(DATABASE_URL=url)}
    with subprocess.Popen([sys.executable, "-c", PURGE_WITH_A_REST], **given) as process:
        deadline = time.monotonic() + START_SECONDS
        try:
            while read(url, COUNT_PAUSES) == [(STAYING + PAUSES,)]:
                assert time.monotonic() < deadline and process.poll() is None
        finally:
            process.kill()
    code, (line,) = run(command("purge", "--before", DATE), DATABASE_URL=url)
    assert code == 0
    assert 0 < counts(line)[0] < PAUSES
    assert_purged(url)


def test_two_purges_at_once_delete_everything_once(url):
    with start(url) as one, start(url) as other:
        printed = [process.communicate(timeout=START_SECONDS)[0] for process in (one, other)]
    assert [sum(numbers) for numbers in zip(*map(counts, printed), strict=True)] == [PAUSES, ENTRIES]
    assert_purged(url)
