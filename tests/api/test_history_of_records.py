"""From the history alone, every pause record that ever was can be rebuilt, with who changed it, and when."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentors.formats import HIGHEST_NUMBER
from tests.conftest import empty_tables
from tests.support.tables import table_of

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
STATE = ("start_date", "expected_return_date", "end_date", "reason")
IDS, REASONS = ("ada", "grace"), ("a private illness", f'"pause_record_id":{HIGHEST_NUMBER + 1}', None)
DAYS = st.integers(8, 24).map(lambda day: f"2026-03-{day:02}T00:00:00Z")
DATES = st.fixed_dictionaries({}, optional={"expected_return_date": st.none() | DAYS, "end_date": st.none() | DAYS})
WRITES = st.one_of(
    st.tuples(st.just("create"), st.sampled_from(IDS), st.sampled_from((None, "paused")), st.none()),
    st.tuples(
        st.just("change"),
        st.sampled_from(IDS),
        st.fixed_dictionaries(
            {},
            optional={
                "status": st.sampled_from(("active", "paused")),
                "pause_start_date": DAYS,
                "expected_return_date": st.none() | DAYS,
                "pause_reason": st.sampled_from(REASONS),
            },
        ),
        st.none(),
    ),
    st.tuples(st.just("delete"), st.sampled_from(IDS), st.none(), st.none()),
    st.tuples(st.just("record"), st.sampled_from(IDS), DAYS, st.sampled_from(REASONS[:2])),
    st.tuples(st.just("upload"), DAYS, DAYS, st.sampled_from(REASONS[:2])),
    st.tuples(st.just("change record"), st.integers(1, 6), DATES, st.none() | st.booleans()),
    st.tuples(st.just("delete record"), st.integers(1, 6), st.none(), st.none()),
)


def send(client, write, who):  # noqa: PLR0911 one line a write
    """Send a write, and return its answer."""
    kind, target, first, second = write
    metadata = {"metadata": {"initiated_by": who}}
    match kind:
        case "create":
            return client.post(MENTORS, json=metadata | {"mentor_id": target, "status": first})
        case "change":
            return client.put(f"{MENTORS}/{target}", json=metadata | first)
        case "delete":
            return client.delete(f"{MENTORS}/{target}")
        case "record":
            return client.post(RECORDS, json=metadata | {"mentor_id": target, "start_date": first, "reason": second})
        case "upload":
            lines = [{"mentor_id": "ada", "start_date": each, "reason": second} for each in sorted({target, first})]
            table = table_of([line | {"initiated_by": who} for line in lines])
            return client.post(f"{RECORDS}.csv", data=table, content_type="text/csv")
        case "change record":
            body = metadata | first | ({} if second is None else {"is_active": second})
            return client.put(f"{RECORDS}/pause-rec-{target:04}", json=body)
        case _:
            return client.delete(f"{RECORDS}/pause-rec-{target:04}")


def read_records(client):
    """Return the state of each pause record, by id."""
    records = client.get(f"{RECORDS}?limit=100").json["data"]
    return {each["pause_record_id"]: tuple(each[name] for name in STATE) for each in records}


def changes_of(before, after):
    """Return what a write did to the records: pairs of an id and the state, or None if it was deleted."""
    changed = [(key, state) for key, state in after.items() if before.get(key) != state]
    deleted = [(key, None) for key in before if key not in after]
    return sorted(changed + deleted, key=str)


def rebuild(client):
    """Return what the history of all mentors says that each write did to the records, in the order of the writes."""
    found = []
    for mentor_id in IDS:
        answer = client.get(f"{MENTORS}/{mentor_id}/history?limit=100")
        for entry in answer.json["data"] if answer.status_code == 200 else ():
            for each in entry["pause_records"]:
                state = None if each["event"] == "pause_deleted" else tuple(each[name] for name in STATE)
                found.append((entry["changed_at"], entry["changed_by"], each["pause_record_id"], state))
    return sorted(found, key=str)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(writes=st.lists(WRITES, min_size=1, max_size=14))
def test_every_record_can_be_rebuilt_from_the_history_alone(client, clock, writes):
    empty_tables()
    expected = []
    before = {}
    for number, write in enumerate(writes):
        clock.at = f"2026-03-15T00:00:{number:02}Z"
        who = None if write[0].startswith("delete") else f"coordinator-{number}"
        if send(client, write, who).status_code >= 300:
            continue
        after = read_records(client)
        expected += [(clock.at, who, key, state) for key, state in changes_of(before, after)]
        before = after
    assert rebuild(client) == sorted(expected, key=str)


@pytest.fixture
def paused(client):
    """Return a client; a lapsed certificate has mentor ada paused, and a leave is scheduled beside it."""
    sent = {"status": "paused", "pause_start_date": "2026-03-01", "pause_reason": "certification_expiry"}
    client.post(MENTORS, json={"mentor_id": "ada"} | sent)
    leave = {"mentor_id": "ada", "start_date": "2026-05-01", "reason": "personal_leave"}
    assert client.post(RECORDS, json=leave | {"expected_return_date": "2026-06-01"}).status_code == 201
    return client


def entries(client):
    return client.get(f"{MENTORS}/ada/history").json["data"]


def test_metadata_alone_touches_no_record(paused):
    paused.put(f"{MENTORS}/ada", json={"metadata": {"notes": "by telephone"}})
    assert entries(paused)[0]["pause_records"] == []


def test_the_entry_of_a_deleted_mentor_lists_all_of_their_pauses(paused):
    ended = {"mentor_id": "ada", "start_date": "2026-02-01", "end_date": "2026-02-10", "reason": "leave"}
    assert paused.post(RECORDS, json=ended).status_code == 201
    assert paused.delete(f"{MENTORS}/ada").status_code == 200
    entry = entries(paused)[0]
    assert (entry["event"], entry["status"], entry["pause_record_id"]) == ("deleted", None, None)
    touched = [(each["pause_record_id"], each["event"]) for each in entry["pause_records"]]
    assert touched == [(f"pause-rec-000{number}", "pause_deleted") for number in (1, 2, 3)]
