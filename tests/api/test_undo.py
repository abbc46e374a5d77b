"""Undo (rule 8): entries of the history are taken back, each one whole or not at all."""

import pytest

from tests.support.tables import upload

MENTORS, RECORDS, UNDO = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/history/undo"
NOW, LATER = "2026-03-26T08:30:00Z", "2026-03-26T09:00:00Z"
LEAVE = {"mentor_id": "ada", "start_date": "2026-03-01", "reason": "personal_leave"}
RECORD = f"{RECORDS}/pause-rec-0001"


def undo(client, *entry_ids, **more):
    """Take entries back; return the answer."""
    response = client.post(UNDO, json={"history_entry_ids": list(entry_ids)} | more)
    assert response.status_code == 200, response.text
    return response


def outcome(client, entry_id):
    """Take one entry back; return what became of it."""
    return undo(client, entry_id).json["data"][0]


def written(response):
    """Return the id of the history entry that a write has appended."""
    assert response.status_code < 300, response.text
    return response.headers["History-Entry"]


def records(client):
    """Return all pause records, as GET one shows them."""
    listed = client.get(f"{RECORDS}?limit=1000").json["data"]
    return [client.get(f"{RECORDS}/{each['pause_record_id']}").json for each in listed]


def history(client, mentor_id="ada"):
    return client.get(f"{MENTORS}/{mentor_id}/history?limit=100").json["data"]


@pytest.fixture
def ada(client):
    """Return a client; ada exists, without a pause."""
    client.post(MENTORS, json={"mentor_id": "ada"})
    return client


@pytest.fixture
def paused(ada, clock):
    """Return a client; ada has a leave, which was recorded half an hour ago."""
    ada.post(RECORDS, json=LEAVE)
    clock.at = LATER
    return ada


# --- what each write can be undone to


CHANGES = {
    "the end of a pause": lambda client: client.put(f"{MENTORS}/ada", json={"status": "active"}),
    "another return date": lambda client: client.put(f"{MENTORS}/ada", json={"expected_return_date": "2026-05-01"}),
    "another start": lambda client: client.put(RECORD, json={"start_date": "2026-03-02"}),
    "another reason": lambda client: client.put(RECORD, json={"reason": "medical_leave"}),
    "no reason": lambda client: client.put(RECORD, json={"reason": None}),
    "a deletion": lambda client: client.delete(RECORD),
    "a second pause": lambda client: client.post(RECORDS, json=LEAVE | {"start_date": "2026-06-01"}),
    "two pauses by one write": lambda client: client.put(
        f"{MENTORS}/ada", json={"status": "active", "pause_start_date": "2026-06-01"}
    ),
    "the mentor's deletion": lambda client: client.delete(f"{MENTORS}/ada"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_write_did_is_undone_and_redone(paused, clock, change):
    first = records(paused)
    entry = written(CHANGES[change](paused))
    changed = records(paused)
    assert changed != first

    clock.at = "2026-03-26T10:00:00Z"
    undone = outcome(paused, entry)
    assert (undone["outcome"], undone["mentor_id"], undone["code"]) == ("undone", "ada", None)
    assert records(paused) == first
    assert (history(paused)[0]["history_entry_id"], history(paused)[0]["undoes"]) == (undone["undone_by"], entry)

    assert outcome(paused, undone["undone_by"])["outcome"] == "undone"
    assert records(paused) == changed


def test_a_new_mentor_is_undone_by_a_deletion_whose_history_stays(client):
    entry = written(client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_reason": "workload"}))
    undone = outcome(client, entry)
    assert undone["outcome"] == "undone"
    assert client.get(f"{MENTORS}/ada").status_code == 404
    assert [(each["event"], each["status"]) for each in history(client)] == [("deleted", None), ("created", "paused")]
    assert outcome(client, undone["undone_by"])["outcome"] == "undone"
    assert client.get(f"{MENTORS}/ada").json["pause_reason"] == "workload"
    assert records(client)[0]["pause_record_id"] == "pause-rec-0001"


def test_a_deleted_mentor_is_back_with_the_pauses_that_had_ended_and_can_be_changed(paused):
    paused.post(RECORDS, json=LEAVE | {"start_date": "2026-01-01", "end_date": "2026-02-01"})
    first = records(paused)
    assert outcome(paused, written(paused.delete(f"{MENTORS}/ada")))["outcome"] == "undone"
    assert records(paused) == first
    assert history(paused)[0]["event"] == "created"
    assert paused.put(f"{MENTORS}/ada", json={"status": "active"}).json["status"] == "active"


def test_an_uploaded_table_is_undone_by_the_ids_that_its_answer_has(paused):
    first = records(paused)
    lines = [
        {"mentor_id": "ada", "status": "active"},
        {"mentor_id": "grace", "status": "paused"},
        {"mentor_id": "edsger", "status": "active"},
    ]
    dry = upload(paused, MENTORS, lines, "?dry_run=true").json["data"]
    assert [line["history_entry_id"] for line in dry] == [None, None, None]
    done = [line["history_entry_id"] for line in upload(paused, MENTORS, lines).json["data"]]
    again = [line["history_entry_id"] for line in upload(paused, MENTORS, lines).json["data"]]
    assert (None not in done, again) == (True, [None, None, None])
    assert undo(paused, *done).json["undone"] == 3
    assert records(paused) == first
    assert [each["mentor_id"] for each in paused.get(MENTORS).json["data"]] == ["ada"]


def test_an_uploaded_table_of_pauses_is_undone_by_the_ids_that_its_answer_has(paused):
    first = records(paused)
    lines = [
        {"pause_record_id": "pause-rec-0001", "start_date": "2026-03-02"},
        {"mentor_id": "ada", "start_date": "2026-03-01", "reason": "personal_leave"},
        {"mentor_id": "ada", "start_date": "2026-03-01", "reason": "personal_leave"},
    ]
    done = [line["history_entry_id"] for line in upload(paused, RECORDS, lines).json["data"]]
    assert done[2] is None
    assert undo(paused, *done[:2]).json["undone"] == 2
    assert records(paused) == first


def test_many_entries_of_one_pause_are_taken_back_newest_first_in_whatever_order_they_are_sent(paused):
    first = records(paused)
    days = [f"2026-05-{day:02}" for day in range(1, 29)]
    done = [written(paused.put(RECORD, json={"expected_return_date": day})) for day in days]
    answer = undo(paused, *sorted(done, key=lambda entry_id: entry_id[::-1])).json
    assert (answer["undone"], answer["unchanged"], answer["refused"]) == (28, 0, 0)
    assert records(paused) == first
    redone = undo(paused, *(each["undone_by"] for each in answer["data"])).json
    assert redone["undone"] == 28
    assert records(paused)[0]["expected_return_date"] == "2026-05-28T00:00:00Z"


def test_a_start_and_reason_that_one_pause_has_given_to_another_goes_back(paused):
    medical = {"reason": "medical_leave"}
    second = {"mentor_id": "ada", "start_date": "2026-03-01"} | medical
    other = f"{RECORDS}/{paused.post(RECORDS, json=second).json['pause_record_id']}"
    first = records(paused)
    done = [
        written(paused.put(RECORD, json={"reason": "workload"})),
        written(paused.put(other, json={"reason": "personal_leave"})),
        written(paused.put(RECORD, json=medical)),
    ]
    assert undo(paused, *done).json["undone"] == 3
    assert records(paused) == first


def test_a_deletion_and_a_new_creation_are_undone_in_one_request(paused):
    first = records(paused)
    done = [written(paused.delete(f"{MENTORS}/ada")), written(paused.post(MENTORS, json={"mentor_id": "ada"}))]
    assert undo(paused, *done).json["undone"] == 2
    assert records(paused) == first
    deleted, created = history(paused)[1::-1]
    assert [(each["event"], each["status"]) for each in (deleted, created)] == [
        ("deleted", None),
        ("created", "paused"),
    ]


# --- what an undo says and records


def test_an_undo_has_an_entry_with_its_metadata_and_what_the_mentor_is_after_it(paused, clock):
    entry = written(paused.delete(RECORD))
    clock.at = "2026-03-26T10:00:00Z"
    undo(paused, entry, metadata={"initiated_by": "anna", "notes": "the wrong one"})
    newest = history(paused)[0]
    assert (newest["event"], newest["undoes"], newest["changed_by"]) == ("pause_opened", entry, "anna")
    assert (newest["status"], newest["metadata"]["notes"]) == ("paused", "the wrong one")
    assert paused.get(f"{MENTORS}/ada").json["last_updated"] == "2026-03-26T10:00:00Z"


def test_each_entry_says_what_the_pause_was_before(paused):
    paused.put(RECORD, json={"expected_return_date": "2026-05-01"})
    paused.delete(RECORD)
    deleted, changed, opened, created = history(paused)
    assert created["pause_records"] == []
    before = {"start_date": "2026-03-01T00:00:00Z", "expected_return_date": None, "end_date": None}
    before["reason"] = "personal_leave"
    after = before | {"expected_return_date": "2026-05-01T00:00:00Z"}
    named = {"pause_record_id": "pause-rec-0001"}
    assert opened["pause_records"] == [named | {"event": "pause_opened"} | before | {"before": None}]
    assert changed["pause_records"] == [named | {"event": "pause_updated"} | after | {"before": before}]
    assert deleted["pause_records"] == [named | {"event": "pause_deleted"} | after | {"before": after}]


def test_the_ids_come_first_in_both_histories(paused):
    assert list(history(paused)[0])[:2] == ["history_entry_id", "changed_at"]
    everybody = paused.get("/api/v1/history").json["data"]
    assert list(everybody[0])[:2] == ["history_entry_id", "mentor_id"]
    assert [each["history_entry_id"] for each in everybody] == ["2", "1"]
    assert everybody[0]["undoes"] is None


WITHOUT_ENTRY = {
    "a repeat": lambda client: client.put(f"{MENTORS}/ada", json={"status": "paused"}),
    "an erasure": lambda client: client.delete(f"{MENTORS}/ada?erase=true"),
    "a read": lambda client: client.get(f"{MENTORS}/ada"),
}


@pytest.mark.parametrize("request_", WITHOUT_ENTRY)
def test_an_answer_without_an_entry_names_none(paused, request_):
    response = WITHOUT_ENTRY[request_](paused)
    assert (response.status_code, "History-Entry" in response.headers) == (200, False)


def test_sent_again_an_undo_changes_nothing_and_says_so(paused, state):
    entry = written(paused.put(f"{MENTORS}/ada", json={"status": "active"}))
    undone = undo(paused, entry)
    assert "Idempotent-Replayed" not in undone.headers
    before = state()
    again = undo(paused, entry)
    assert (again.json["unchanged"], again.headers["Idempotent-Replayed"]) == (1, "true")
    assert again.json["data"][0] == {
        "history_entry_id": entry,
        "mentor_id": "ada",
        "outcome": "unchanged",
        "undone_by": undone.json["data"][0]["undone_by"],
        "code": None,
        "detail": None,
        "later_entry": None,
    }
    assert state() == before


SEVERAL = {
    "a mentor and their pause": lambda client: [
        client.post(MENTORS, json={"mentor_id": "grace"}),
        client.post(RECORDS, json=LEAVE | {"mentor_id": "grace"}),
    ],
    "two changes of a pause": lambda client: [
        client.put(RECORD, json={"expected_return_date": "2026-05-01"}),
        client.put(RECORD, json={"expected_return_date": "2026-06-01"}),
    ],
    "a deletion and a new creation": lambda client: [
        client.delete(f"{MENTORS}/ada"),
        client.post(MENTORS, json={"mentor_id": "ada"}),
    ],
}


@pytest.mark.parametrize("writes", SEVERAL)
def test_several_entries_of_one_mentor_sent_again_change_nothing(paused, state, writes):
    done = [written(response) for response in SEVERAL[writes](paused)]
    assert undo(paused, *done).json["undone"] == 2
    before = state()
    again = undo(paused, *done)
    assert (again.json["unchanged"], again.headers["Idempotent-Replayed"]) == (2, "true")
    assert state() == before


def test_what_was_written_and_taken_back_by_writes_is_as_it_was_when_both_are_undone(paused):
    opened = written(paused.post(RECORDS, json=LEAVE | {"start_date": "2026-06-01"}))
    deleted = written(paused.delete(f"{RECORDS}/pause-rec-0002"))
    before = records(paused)
    assert undo(paused, opened, deleted).json["undone"] == 2
    assert records(paused) == before


def test_an_entry_that_is_named_twice_is_taken_back_once_and_answered_twice(paused):
    entry = written(paused.put(f"{MENTORS}/ada", json={"status": "active"}))
    answer = undo(paused, entry, entry).json
    assert (answer["undone"], answer["data"][0]) == (2, answer["data"][1])
    assert len(history(paused)) == 4


def test_metadata_alone_has_nothing_to_take_back(paused):
    entry = written(paused.put(f"{MENTORS}/ada", json={"metadata": {"notes": "by telephone"}}))
    assert outcome(paused, entry)["outcome"] == "unchanged"
    paused.delete(f"{MENTORS}/ada")
    assert outcome(paused, entry)["code"] == "stale"


# --- what is refused


def test_what_somebody_has_changed_since_is_refused_with_the_entry_that_did(paused, state):
    entry = written(paused.put(RECORD, json={"expected_return_date": "2026-05-01"}))
    other = {"expected_return_date": "2026-06-01", "metadata": {"initiated_by": "bob"}}
    later = written(paused.put(RECORD, json=other))
    before = state()
    refused = outcome(paused, entry)
    assert (refused["outcome"], refused["code"]) == ("refused", "stale")
    assert refused["later_entry"] == {
        "history_entry_id": later,
        "changed_at": LATER,
        "changed_by": "bob",
        "event": "pause_updated",
    }
    assert state() == before


def test_what_somebody_has_changed_and_changed_back_does_not_stand_in_the_way(paused):
    entry = written(paused.put(RECORD, json={"expected_return_date": "2026-05-01"}))
    paused.put(RECORD, json={"expected_return_date": "2026-06-01"})
    paused.put(RECORD, json={"expected_return_date": "2026-05-01"})
    assert outcome(paused, entry)["outcome"] == "undone"


def test_of_several_pauses_one_that_differs_keeps_all_as_they_are(paused, state):
    paused.post(RECORDS, json=LEAVE | {"reason": "medical_leave"})
    entry = written(paused.put(f"{MENTORS}/ada", json={"status": "active"}))
    later = written(paused.delete(f"{RECORDS}/pause-rec-0002"))
    before = state()
    assert outcome(paused, entry)["later_entry"]["history_entry_id"] == later
    assert state() == before


def test_the_later_entry_is_the_newest_of_the_mentor(paused):
    entry = written(paused.put(RECORD, json={"expected_return_date": "2026-05-01"}))
    deletion = written(paused.delete(f"{MENTORS}/ada"))
    assert outcome(paused, entry)["later_entry"]["history_entry_id"] == deletion
    creation = written(paused.post(MENTORS, json={"mentor_id": "ada"}))
    assert outcome(paused, entry)["later_entry"]["history_entry_id"] == creation


def test_a_mentor_with_another_pause_than_the_creation_left_stays(client):
    entry = written(client.post(MENTORS, json={"mentor_id": "ada"}))
    later = written(client.post(RECORDS, json=LEAVE))
    assert outcome(client, entry)["later_entry"]["history_entry_id"] == later
    assert client.get(f"{MENTORS}/ada").status_code == 200


def test_a_deletion_is_not_undone_over_a_mentor_who_was_created_anew(paused):
    entry = written(paused.delete(f"{MENTORS}/ada"))
    created = written(paused.post(MENTORS, json={"mentor_id": "ada"}))
    refused = outcome(paused, entry)
    assert (refused["code"], refused["later_entry"]["history_entry_id"]) == ("stale", created)


def test_the_later_entry_is_none_that_the_same_request_has_written(paused):
    entries = [written(paused.put(RECORD, json={"expected_return_date": f"2026-0{month}-01"})) for month in (5, 6, 7)]
    answer = undo(paused, entries[0], entries[2]).json
    assert [each["outcome"] for each in answer["data"]] == ["refused", "undone"]
    assert answer["data"][0]["later_entry"]["history_entry_id"] == entries[2]


# --- a request that was refused in part, sent again

X, Y, Z = ({"expected_return_date": f"2026-0{month}-01"} for month in (5, 6, 7))


def unrelated(client):
    """Return an entry that is refused: it is about another mentor, whom a colleague has changed since."""
    client.post(MENTORS, json={"mentor_id": "grace"})
    entry = written(client.put(f"{MENTORS}/grace", json={"status": "paused"}))
    client.put(f"{MENTORS}/grace", json={"status": "active"})
    return entry


def back_and_forth(client):
    """Move a return from X to Y and back to X; then a colleague moves it to Y again."""
    client.put(RECORD, json=X)
    entries = [written(client.put(RECORD, json=date)) for date in (Y, X)]
    client.put(RECORD, json=Y)
    return entries


def with_a_change_between(client):
    """Move a return from X to Y; a colleague moves it to Z, and we move it back to Y."""
    client.put(RECORD, json=X)
    first = written(client.put(RECORD, json=Y))
    client.put(RECORD, json=Z)
    return [first, written(client.put(RECORD, json=Y))]


def with_a_colleague_back_between(client):
    """Move a return from X to Y; a colleague moves it back to X, and we move it to Y again."""
    client.put(RECORD, json=X)
    first = written(client.put(RECORD, json=Y))
    client.put(RECORD, json=X)
    return [first, written(client.put(RECORD, json=Y))]


@pytest.mark.parametrize("is_refused", [False, True], ids=["", "with one that is refused"])
@pytest.mark.parametrize("write", [back_and_forth, with_a_change_between, with_a_colleague_back_between])
def test_an_undo_sent_again_and_again_writes_nothing_whatever_was_refused(paused, state, write, is_refused):
    entries = write(paused) + ([unrelated(paused)] if is_refused else [])
    first = undo(paused, *entries).json["data"]
    before = state()
    for _ in range(2):
        again = undo(paused, *entries).json["data"]
        assert state() == before
        for was, then in zip(first, again, strict=True):
            if was["outcome"] == "undone":
                assert (then["outcome"], then["undone_by"]) == ("unchanged", was["undone_by"])
            if was["outcome"] == "refused":
                assert then["outcome"] == "refused"


def test_an_entry_after_which_an_older_one_of_the_request_was_taken_back_is_refused_with_that_undo(paused):
    older, newer = back_and_forth(paused)
    assert [each["outcome"] for each in undo(paused, older, newer).json["data"]] == ["undone", "unchanged"]
    undoing, refused = undo(paused, older, newer).json["data"]
    assert (refused["code"], refused["later_entry"]["history_entry_id"]) == ("stale", undoing["undone_by"])
    assert outcome(paused, newer)["outcome"] == "undone"  # alone, it is judged by what is there


def test_an_undo_that_was_itself_undone_can_be_done_once_more(paused):
    entry = written(paused.put(RECORD, json=X))
    undone = outcome(paused, entry)["undone_by"]
    redone = outcome(paused, undone)["undone_by"]
    assert outcome(paused, undone) | {"detail": None} == outcome(paused, undone)
    assert outcome(paused, undone)["undone_by"] == redone
    assert outcome(paused, entry)["outcome"] == "undone"
    assert records(paused)[0]["expected_return_date"] is None


def test_a_start_and_reason_that_another_pause_has_taken_is_a_conflict(paused, state):
    entry = written(paused.put(RECORD, json={"reason": "medical_leave"}))
    paused.post(RECORDS, json=LEAVE)
    before = state()
    refused = outcome(paused, entry)
    assert (refused["code"], "pause-rec-0002" in refused["detail"], refused["later_entry"]) == ("conflict", True, None)
    assert state() == before


def test_an_unknown_entry_is_told_and_the_others_are_done(paused):
    entry = written(paused.put(f"{MENTORS}/ada", json={"status": "active"}))
    answer = undo(paused, "999999999999999999", entry, "4711").json
    assert [each["outcome"] for each in answer["data"]] == ["refused", "undone", "refused"]
    assert answer["data"][0] | {"detail": None} == {
        "history_entry_id": "999999999999999999",
        "mentor_id": None,
        "outcome": "refused",
        "undone_by": None,
        "code": "not_found",
        "detail": None,
        "later_entry": None,
    }


def test_an_erased_history_leaves_nothing_to_take_back(paused, state):
    entry = written(paused.delete(f"{MENTORS}/ada"))
    paused.delete(f"{MENTORS}/ada?erase=true")
    assert outcome(paused, entry)["code"] == "not_found"
    assert state() == [[], [], []]


def test_a_refused_entry_of_a_former_mentor_creates_nobody(paused, rows):
    entry = written(paused.put(RECORD, json={"expected_return_date": "2026-05-01"}))
    paused.delete(f"{MENTORS}/ada")
    assert outcome(paused, entry)["code"] == "stale"
    assert rows("mentor_status") == []


# --- bodies


REFUSED_IDS = {
    "no list": ("4711", "It must be a list"),
    "an empty list": ([], "1 to 1000"),
    "a number": ([4711], "Item 1"),
    "a leading zero": (["1", "01"], "Item 2"),
    "19 digits": (["1" * 19], "18 digits"),
    "too many": ([str(number) for number in range(1, 1002)], "1 to 1000"),
    "null": (None, "null"),
    "a null in it": ([None], "Item 1: It must be the id"),
}


@pytest.mark.parametrize("ids", REFUSED_IDS)
def test_a_body_that_is_wrong_is_refused_by_its_field(client, ids):
    sent, words = REFUSED_IDS[ids]
    response = client.post(UNDO, json={"history_entry_ids": sent})
    assert (response.status_code, list(response.json["errors"])) == (422, ["history_entry_ids"])
    assert words in response.json["detail"]


def test_a_thousand_entries_fit_into_one_request(client):
    ids = [str(10**17 + number) for number in range(1000)]
    assert undo(client, *ids).json["refused"] == 1000


# --- who has deleted it


@pytest.mark.parametrize("path", [f"{MENTORS}/ada", RECORD])
def test_a_deletion_is_signed_by_initiated_by(paused, path):
    assert paused.delete(f"{path}?initiated_by=anna").status_code == 200
    assert (history(paused)[0]["changed_by"], history(paused)[0]["metadata"]) == ("anna", {"initiated_by": "anna"})


@pytest.mark.parametrize(
    "query", ["initiated_by=", "initiated_by=" + "a" * 201, "initiated_by=%00", "erase=true&initiated_by=anna"]
)
def test_a_deletion_with_a_wrong_name_is_refused(paused, state, query):
    before = state()
    response = paused.delete(f"{MENTORS}/ada?{query}")
    assert (response.status_code, list(response.json["errors"])) == (422, ["initiated_by"])
    assert state() == before
