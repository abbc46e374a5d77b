"""Metadata alone is a change, unless the last entry has the same metadata and the same changed_by."""

import pytest

from db import db
from models import HistoryEntry
from tests.support.databases import ON_SQLITE

pytestmark = ON_SQLITE
MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
ADA, RECORD = f"{MENTORS}/ada", f"{RECORDS}/pause-rec-0001"
METADATA = {"metadata": {"initiated_by": "coordinator-007", "notes": "back at work"}}


@pytest.mark.parametrize("path", [ADA, RECORD])
def test_metadata_that_the_last_entry_has_changes_nothing_whatever_the_order_of_its_keys(
    ada_paused, clock, state, path
):
    assert ada_paused.put(path, json=METADATA).status_code == 200
    before, clock.at = state(), "2026-05-01T00:00:00Z"
    for metadata in (METADATA["metadata"], dict(reversed(METADATA["metadata"].items()))):
        assert ada_paused.put(path, json={"metadata": metadata}).status_code == 200
    assert state() == before


@pytest.mark.parametrize("path", [ADA, RECORD])
@pytest.mark.parametrize("other", [{"initiated_by": "coordinator-008"}, {}, {"a": True}, {"a": 1.0}], ids=str)
def test_other_metadata_than_that_of_the_last_entry_is_recorded(ada_paused, rows, path, other):
    for metadata in ({"a": 1}, other, {"a": 1}):
        assert ada_paused.put(path, json={"metadata": metadata}).status_code == 200
    assert [row["event"] for row in rows("history_entry")] == ["created", "updated", "updated", "updated"]


@pytest.mark.parametrize("path", [ADA, RECORD])
def test_metadata_is_recorded_where_the_history_has_no_entry(ada_paused, rows, path):
    with db.connection_context():
        HistoryEntry.delete().execute()  # as an import without history leaves it
    assert ada_paused.put(path, json=METADATA).status_code == 200
    assert [row["changed_by"] for row in rows("history_entry")] == ["coordinator-007"]
