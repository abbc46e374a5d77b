"""One fixed example each of what random input meets only now and then. It is half past eight on 26 March 2026."""

import pytest

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
ADA, RECORD = f"{MENTORS}/ada", f"{RECORDS}/pause-rec-0001"
NOW, PAST, COMING = "2026-03-26T08:30:00Z", "2026-03-01T00:00:00Z", "2026-04-10T00:00:00Z"
RETURN = "2026-03-20T00:00:00Z"  # has passed: a pause with this expected return is overdue
REASON = "a private illness"


@pytest.fixture
def paused(client):
    """Return a client; ada has a pause in force since 1 March (pause-rec-0001), and no return date."""
    paused = {"mentor_id": "ada", "status": "paused", "pause_start_date": PAST, "pause_reason": REASON}
    assert client.post(MENTORS, json=paused).status_code == 201
    return client


@pytest.fixture
def overdue(paused):
    """Return a client; the pause of ada is overdue."""
    assert paused.put(RECORD, json={"expected_return_date": RETURN}).status_code == 200
    return paused


def found(client, path, key="pause_record_id"):
    """Return the ids of a list, whose total is how many there are."""
    answer = client.get(path).json
    assert answer["pagination"]["total"] == len(answer["data"])
    return [row[key] for row in answer["data"]]


@pytest.fixture
def starting_at(client):
    """Return a function that records open pauses with these starts, and further fields in the same order."""
    client.post(MENTORS, json={"mentor_id": "ada"})

    def record(starts, **columns):
        for place, start in enumerate(starts):
            further = {name: values[place] for name, values in columns.items()}
            body = {"mentor_id": "ada", "start_date": start, "reason": f"reason {place + 1}"} | further
            assert client.post(RECORDS, json=body).status_code == 201
        return client

    return record


# --- what a schema refuses before anything is looked up

EARLY = {"expected_return_date": "2026-02-28"}
NEVER = {"is_active": True, "end_date": PAST}
UNKNOWN_RECORD = ("PUT", f"{RECORDS}/pause-rec-0099", {"start_date": PAST})
UNKNOWN_MENTOR = ("POST", RECORDS, {"mentor_id": "nobody", "start_date": PAST, "reason": REASON})
EXISTING_PAUSE = ("POST", RECORDS, {"mentor_id": "ada", "start_date": PAST, "reason": REASON})
RECORD_WRITES = [UNKNOWN_RECORD, UNKNOWN_MENTOR, EXISTING_PAUSE]
MENTOR_WRITES = [
    ("PUT", f"{MENTORS}/nobody", {"pause_start_date": PAST}),
    ("POST", MENTORS, {"mentor_id": "ada", "status": "paused", "pause_start_date": PAST}),
]


@pytest.mark.parametrize(("method", "path", "body"), RECORD_WRITES + MENTOR_WRITES)
def test_a_return_date_before_the_start_is_a_422_before_anything_is_looked_up(paused, method, path, body):
    response = paused.open(path, method=method, json=body | EARLY)
    assert (response.status_code, list(response.json.get("errors", {}))) == (422, ["expected_return_date"])


@pytest.mark.parametrize(("method", "path", "body"), RECORD_WRITES)
def test_active_with_an_end_at_the_start_is_a_422_before_anything_is_looked_up(paused, method, path, body):
    response = paused.open(path, method=method, json=body | NEVER)
    assert (response.status_code, list(response.json.get("errors", {}))) == (422, ["end_date"])


def test_active_with_an_end_at_the_start_is_no_repeat_of_a_pause_that_was_cancelled(starting_at):
    client = starting_at([PAST], end_date=[PAST])
    again = {"mentor_id": "ada", "start_date": PAST, "end_date": PAST, "reason": "reason 1"}
    assert client.post(RECORDS, json=again).headers["Idempotent-Replayed"] == "true"
    response = client.post(RECORDS, json=again | {"is_active": True})
    assert (response.status_code, list(response.json.get("errors", {}))) == (422, ["end_date"])


@pytest.mark.parametrize("query", ["reason=%FF", "reason=a%FFb", "mentor_id=ada&reason=%C3"])
def test_a_reason_that_is_not_utf8_is_a_422_that_says_so(client, query):
    response = client.get(f"{RECORDS}?{query}")
    assert response.status_code == 422
    assert list(response.json["errors"]) == ["reason"]
    assert "UTF-8" in response.json["errors"]["reason"][0]


# --- a pause that is overdue is in force until somebody ends it


def test_put_active_ends_a_pause_that_is_overdue(overdue):
    assert overdue.put(ADA, json={"status": "active"}).json["status"] == "active"
    record = overdue.get(RECORD).json
    assert (record["end_date"], record["is_active"], record["expected_return_date"]) == (NOW, False, RETURN)


def test_put_paused_keeps_a_pause_that_is_overdue(overdue, rows):
    before = overdue.get(ADA).json, rows("pause_record"), rows("history_entry")
    assert overdue.put(ADA, json={"status": "paused"}).json["pause_start_date"] == PAST
    assert (overdue.get(ADA).json, rows("pause_record"), rows("history_entry")) == before


def test_a_record_that_is_overdue_is_active_in_every_answer(client):
    client.post(MENTORS, json={"mentor_id": "ada"})
    body = {"mentor_id": "ada", "start_date": PAST, "expected_return_date": RETURN, "reason": REASON}
    assert client.post(RECORDS, json=body).json["is_active"] is True
    assert client.post(RECORDS, json=body).json["is_active"] is True  # the repeat
    assert client.put(RECORD, json={"reason": "another"}).json["is_active"] is True
    assert client.get(RECORD).json["is_active"] is True
    assert client.get(RECORDS).json["data"][0]["is_active"] is True
    assert client.get(f"{RECORD}?expected=true").json["is_active"] is False


# --- the edges of the filters


def test_due_within_days_finds_what_is_due_by_the_end_of_that_day_and_nothing_later(starting_at):
    due, a_second_later = "2026-04-09T23:59:59Z", "2026-04-10T00:00:00Z"
    client = starting_at([PAST] * 4, expected_return_date=[due, a_second_later, RETURN, None])
    assert found(client, f"{RECORDS}?due_within_days=14") == ["pause-rec-0001", "pause-rec-0003"]
    assert found(client, f"{RECORDS}?due_within_days=0") == ["pause-rec-0003"]


def test_a_pause_is_current_and_its_mentor_paused_from_the_very_instant_of_its_start(starting_at):
    client = starting_at([COMING])
    a_second_before = "2026-04-09T23:59:59Z"
    for at, current, status in ((a_second_before, [], "active"), (COMING, ["pause-rec-0001"], "paused")):
        assert client.get(f"{ADA}?as_of={at}").json["status"] == status
        assert found(client, f"{RECORDS}?phase=current&as_of={at}") == current
        assert found(client, f"{RECORDS}?phase=scheduled&as_of={at}") == ([] if current else ["pause-rec-0001"])
        for asked in ("active", "paused"):
            listed = found(client, f"{MENTORS}?status={asked}&as_of={at}", "mentor_id")
            assert listed == (["ada"] if asked == status else [])


@pytest.mark.parametrize("query", ["", "&expected=true", "&after=", "&expected=true&after="])
def test_updated_since_leaves_out_a_mentor_whose_pause_was_cancelled_before_it_and_would_have_begun_after_it(
    client, clock, query
):
    clock.at = "2026-03-10T08:30:00Z"
    for mentor_id in ("ada", "bob"):
        body = {"mentor_id": mentor_id, "status": "paused", "pause_start_date": "2026-03-25T00:00:00Z"}
        assert client.post(MENTORS, json=body).json["pause_start_date"] == body["pause_start_date"]
    clock.at = "2026-03-16T08:30:00Z"
    assert client.put(RECORD, json={"is_active": False}).json["end_date"] == "2026-03-25T00:00:00Z"
    clock.at = NOW
    for since, listed in (("2026-03-16", ["ada", "bob"]), ("2026-03-24", ["bob"]), ("2026-03-26", [])):
        data = client.get(f"{MENTORS}?updated_since={since}{query}").json["data"]
        assert [row["mentor_id"] for row in data] == listed


def test_a_window_finds_the_pauses_that_overlap_it_and_not_those_that_touch_it(starting_at):
    first, last = "2026-03-10T00:00:00Z", "2026-03-20T00:00:00Z"
    pauses = {
        "ends where the window begins": (PAST, first),
        "ends a second after the window begins": (PAST, "2026-03-10T00:00:01Z"),
        "begins a second before the window ends": ("2026-03-19T23:59:59Z", None),
        "begins where the window ends": (last, None),
        "covers it": (PAST, COMING),
        "lies in it": ("2026-03-12T00:00:00Z", "2026-03-13T00:00:00Z"),
        "was cancelled": ("2026-03-14T00:00:00Z", "2026-03-14T00:00:00Z"),
        "is open": (PAST, None),
    }
    starts, ends = zip(*pauses.values(), strict=True)
    client = starting_at(starts, end_date=ends)
    names = dict(zip((f"pause-rec-{number:04}" for number in range(1, 9)), pauses, strict=True))

    def overlap(query):
        return {names[number] for number in found(client, f"{RECORDS}?{query}")}

    inside = set(pauses) - {"ends where the window begins", "begins where the window ends", "was cancelled"}
    assert overlap(f"from={first}&to={last}") == inside
    assert overlap(f"from={first}") == inside | {"begins where the window ends"}
    assert overlap(f"to={last}") == inside | {"ends where the window begins"}
