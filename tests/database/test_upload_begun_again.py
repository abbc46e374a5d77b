"""An upload reads mentors before it locks them: what others have written since begins it again."""

import pytest

import tables.upload
from tests.support.tables import MENTORS, RECORDS, outcomes, upload

PAUSE = {"status": "paused", "pause_start_date": "2026-03-01", "pause_reason": "leave"}
RECORD = {"mentor_id": "ada", "start_date": "2026-03-01", "reason": "leave"}


@pytest.fixture
def between(app, client, monkeypatch):
    """Return a function that sets which request is sent after an upload has read the mentors, and before it saves."""
    save_lines = tables.upload.save_lines

    def send_between(method, path, body=None):
        def send_first(*args):
            assert client.open(path, method=method, json=body).status_code in (200, 201)
            return save_lines(*args)

        monkeypatch.setattr(tables.upload, "save_lines", send_first)

    return send_between


def events_of(mentor_id, rows):
    """Return the events of a mentor's history, the newest first."""
    return [row["event"] for row in rows("history_entry") if row["mentor_id"] == mentor_id][::-1]


# What another client does to mentor ada, what the upload then does, and the events.
MEANWHILE = {
    "changed": (("PUT", {"metadata": {"notes": "meanwhile"}}), "updated", ["pause_updated", "updated", "created"]),
    "brought back": (("PUT", {"status": "active"}), "updated", ["pause_opened", "pause_ended", "created"]),
    "deleted": (("DELETE", None), "created", ["created", "deleted", "created"]),
}


@pytest.mark.parametrize(("request_meanwhile", "outcome", "events"), MEANWHILE.values(), ids=MEANWHILE)
def test_an_upload_applies_its_lines_again_if_a_mentor_is_changed_after_it_read_them(
    client, between, rows, request_meanwhile, outcome, events
):
    for name in ("ada", "grace"):
        client.post(MENTORS, json={"mentor_id": name, "status": "paused", "pause_start_date": "2026-03-01"})
    method, body = request_meanwhile
    between(method, f"{MENTORS}/ada", body)
    lines = [{"mentor_id": name, "status": "paused", "pause_reason": "leave"} for name in ("ada", "grace")]
    assert outcomes(upload(client, MENTORS, lines)) == [outcome, "updated"]
    assert events_of("ada", rows) == events
    assert events_of("grace", rows) == ["pause_updated", "created"]


# What another client does, and what the upload, which opens a pause of ada and one of grace, then does.
OPENED_OR_DELETED = {
    "the same pause by PUT": (("PUT", f"{MENTORS}/ada", PAUSE), ["unchanged", "updated"]),
    "the same pause by POST": (("POST", RECORDS, RECORD), ["unchanged", "updated"]),
    "another pause": (("PUT", f"{MENTORS}/ada", PAUSE | {"pause_reason": "ill"}), ["updated", "updated"]),
    "the mentor deleted": (("DELETE", f"{MENTORS}/ada"), ["created", "updated"]),
}


@pytest.mark.parametrize(("request_meanwhile", "expected"), OPENED_OR_DELETED.values(), ids=OPENED_OR_DELETED)
def test_an_upload_that_opens_a_pause_finds_what_others_have_opened_or_deleted_after_it_read(
    client, between, request_meanwhile, expected
):
    for name in ("ada", "grace"):
        client.post(MENTORS, json={"mentor_id": name})
    between(*request_meanwhile)
    lines = [{"mentor_id": name, **PAUSE} for name in ("ada", "grace")]
    assert outcomes(upload(client, MENTORS, lines)) == expected
    listed = client.get(f"{RECORDS}?mentor_id=ada&reason=leave").json["data"]
    assert [record["reason"] for record in listed] == ["leave"]


def test_a_table_of_records_repeats_a_pause_that_was_recorded_after_it_read(client, between):
    client.post(MENTORS, json={"mentor_id": "ada"})
    between("POST", RECORDS, RECORD)
    assert outcomes(upload(client, RECORDS, [RECORD])) == ["unchanged"]


def test_an_upload_that_creates_a_mentor_updates_one_who_was_created_after_it_read(client, between, rows):
    between("POST", MENTORS, {"mentor_id": "ada"})
    lines = [{"mentor_id": name, "status": "paused"} for name in ("ada", "grace")]
    assert outcomes(upload(client, MENTORS, lines)) == ["updated", "created"]
    assert len(rows("mentor_status")) == len(rows("pause_record")) == 2
