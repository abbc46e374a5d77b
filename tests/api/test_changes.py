"""What has changed since a cursor: whatever changed it, and page by page."""

import pytest

from models import MentorStatus, PauseRecord
from tests.conftest import without_time_limit

MENTORS, RECORDS, CHANGES = "/api/v1/mentor-statuses", "/api/v1/pause-records", "/api/v1/changes"
KEYS = ["mentor_id", "status", "is_paused", "pause_start_date", "expected_return_date", "last_updated", "deleted"]


@pytest.fixture
def poll(client):
    """Return a function that asks what has changed since a cursor, and returns the answer."""

    def ask(since=None, limit=100):
        query = {"limit": limit} | ({"since": since} if since else {})
        answered = client.get(CHANGES, query_string=query)
        assert answered.status_code == 200, answered.text
        assert len(answered.json["data"]) <= limit
        return answered.json

    return ask


def cursor(answer):
    return answer["pagination"]["next"]


def ids(answer):
    return [item["mentor_id"] for item in answer["data"]]


def test_without_a_cursor_there_is_no_data_and_one_that_begins_now(client, poll):
    client.post(MENTORS, json={"mentor_id": "ada"})
    first = poll()
    assert (first["data"], first["pagination"]["more"], first["pagination"]["limit"]) == ([], False, 100)
    assert poll(cursor(first)) == first


def test_an_item_is_the_mentor_as_the_list_shows_them_and_whether_they_are_deleted(client, poll):
    begin = cursor(poll())
    overdue = {"status": "paused", "pause_start_date": "2026-03-01", "expected_return_date": "2026-03-20"}
    client.post(MENTORS, json={"mentor_id": "ada", "pause_reason": "leave"} | overdue)
    answer = poll(begin)
    assert [list(item) for item in answer["data"]] == [KEYS]
    assert answer["data"] == [each | {"deleted": False} for each in client.get(MENTORS).json["data"]]
    client.delete(f"{MENTORS}/ada")
    deleted = dict.fromkeys(KEYS) | {"mentor_id": "ada", "deleted": True}
    assert poll(begin)["data"] == poll(cursor(answer))["data"] == [deleted]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"{MENTORS}/ada", {"status": "active"}),
        ("PUT", f"{MENTORS}/ada", {"metadata": {"notes": "x"}}),
        ("PUT", f"{RECORDS}/pause-rec-0001", {"end_date": "2026-05-01"}),
        ("PUT", f"{RECORDS}/pause-rec-0001", {"reason": "another"}),
        ("DELETE", f"{RECORDS}/pause-rec-0001", None),
        ("POST", RECORDS, {"mentor_id": "ada", "start_date": "2026-12-01", "reason": "later"}),
        ("DELETE", f"{MENTORS}/ada", None),
        ("DELETE", f"{MENTORS}/ada?erase=true", None),
    ],
)
def test_each_write_is_news_also_within_the_second_of_the_last_one(client, poll, method, path, body):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"})
    client.post(MENTORS, json={"mentor_id": "bob"})
    begin = cursor(poll())
    assert client.open(path, method=method, json=body).status_code in (200, 201)
    answer = poll(begin)
    assert (ids(answer), answer["pagination"]["more"]) == (["ada"], False)


def test_a_write_that_changes_nothing_is_no_news(client, poll):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_start_date": "2026-03-01"})
    begin = poll()
    client.put(f"{MENTORS}/ada", json={"status": "paused"})
    client.put(f"{RECORDS}/pause-rec-0001", json={"is_active": True})
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 409
    assert poll(cursor(begin)) == begin


def test_a_pause_that_begins_and_ends_by_the_clock_is_news(client, poll, clock):
    client.post(MENTORS, json={"mentor_id": "bob"})
    pause = {"mentor_id": "bob", "start_date": "2026-04-01", "end_date": "2026-04-20", "reason": "leave"}
    client.post(RECORDS, json=pause)
    clock.at = "2026-03-31T23:00:00Z"
    before = poll()
    clock.at = "2026-03-31T23:59:59Z"
    assert poll(cursor(before)) == before
    clock.at = "2026-04-01T00:00:00Z"
    began = poll(cursor(before))
    assert [(item["mentor_id"], item["is_paused"]) for item in began["data"]] == [("bob", True)]
    clock.at = "2026-04-01T00:00:15Z"
    again = poll(cursor(began))
    assert ids(again) == ["bob"]  # a clock may step back by up to 15 seconds
    clock.at = "2026-04-01T00:00:16Z"
    later = poll(cursor(again))
    assert (later["data"], cursor(later)) == ([], cursor(again))
    clock.at = "2026-04-01T00:00:32Z"
    assert poll(cursor(later))["data"] == []
    clock.at = "2026-04-20T00:00:00Z"
    assert [(item["mentor_id"], item["is_paused"]) for item in poll(cursor(before))["data"]] == [("bob", False)]


def test_a_pause_that_began_15_seconds_before_the_last_poll_does_not_come_again_with_other_news(client, poll, clock):
    client.post(MENTORS, json={"mentor_id": "bob", "pause_start_date": "2026-04-01"})
    clock.at = "2026-04-01T00:00:15Z"
    before = poll()
    client.post(MENTORS, json={"mentor_id": "eve"})
    assert ids(poll(cursor(before))) == ["eve"]


# --- pages


def follow(poll, since, limit):
    """Ask again and again as long as there is more; return the items of each page, and the last cursor."""
    pages, more = [], True
    while more:
        answer = poll(since, limit)
        since, more = cursor(answer), answer["pagination"]["more"]
        pages.append(answer["data"])
        assert bool(answer["data"]) or not more
    return pages, since


@pytest.mark.parametrize("limit", [1, 7, 25, 100])
def test_a_round_of_pages_has_each_mentor_that_has_changed(client, poll, limit):
    begin = cursor(poll())
    names = [f"mentor-{number:02}" for number in range(25)]
    for name in names:
        client.post(MENTORS, json={"mentor_id": name})
    client.delete(f"{MENTORS}/mentor-03")
    pages, end = follow(poll, begin, limit)
    assert len(pages) == -(-25 // limit)
    assert sorted(item["mentor_id"] for page in pages for item in page) == names
    assert [item["mentor_id"] for page in pages for item in page if item["deleted"]] == ["mentor-03"]
    assert poll(end)["data"] == []


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 200), (1000, 200), (1001, 422)])
def test_a_page_has_1_to_1000_items(client, limit, status):
    assert client.get(CHANGES, query_string={"limit": limit}).status_code == status


def test_a_page_has_20_items_where_no_limit_is_given(client, poll):
    begin = cursor(poll())
    for number in range(21):
        client.post(MENTORS, json={"mentor_id": f"mentor-{number:02}"})
    answer = client.get(CHANGES, query_string={"since": begin}).json
    assert (len(answer["data"]), answer["pagination"]["limit"], answer["pagination"]["more"]) == (20, 20, True)


def test_what_is_written_during_a_round_of_pages_comes_in_the_next_round(client, poll):
    begin = cursor(poll())
    for name in ("a", "b", "c", "d"):
        client.post(MENTORS, json={"mentor_id": name})
    first = poll(begin, limit=2)
    for name in ("a", "d"):
        client.put(f"{MENTORS}/{name}", json={"status": "paused", "pause_start_date": "2026-03-01"})
    client.post(MENTORS, json={"mentor_id": "e"})
    pages, end = follow(poll, cursor(first), 2)
    assert [item["mentor_id"] for page in pages for item in page] == ["c"]
    assert ids(poll(end)) == ["a", "d", "e"]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_what_was_written_and_what_began_by_the_clock_come_in_one_round_each_once(client, poll, clock, limit):
    for name in ("a", "b"):
        coming = {"mentor_id": name, "pause_start_date": "2026-04-01", "pause_reason": "leave"}
        client.post(MENTORS, json=coming)
    begin = cursor(poll())
    for name in ("c", "d"):
        client.post(MENTORS, json={"mentor_id": name})
    clock.at = "2026-04-01T00:00:00Z"
    items, since = [], begin
    for _page in range(-(-4 // limit)):
        answer = poll(since, limit)
        items += ids(answer)
        since = cursor(answer)
    assert (sorted(items), answer["pagination"]["more"]) == (["a", "b", "c", "d"], False)


def test_5000_pauses_that_begin_in_the_same_second_come_in_pages_of_the_limit(client, poll, clock):
    names = [f"mentor-{number:04}" for number in range(5000)]
    pause = {"start_date": "2026-04-01T00:00:00Z", "reason": "leave", "created_at": "2026-03-01T00:00:00Z"}
    with without_time_limit():
        for some in (names[:2500], names[2500:]):
            rows = [{"mentor_id": name, "last_updated": pause["created_at"]} for name in some]
            MentorStatus.insert_many(rows).execute()
            PauseRecord.insert_many([pause | {"mentor": name} for name in some]).execute()
    clock.at = "2026-03-31T12:00:00Z"
    begin = cursor(poll())
    clock.at = "2026-04-01T00:00:00Z"
    pages, end = follow(poll, begin, 100)
    items = [item for page in pages for item in page]
    assert {len(page) for page in pages} == {100}
    assert len({item["mentor_id"] for item in items if item["is_paused"]}) == len(items) == 5000
    clock.at = "2026-04-01T00:01:00Z"
    assert poll(end, 1000)["pagination"]["more"] is True  # for 15 seconds a clock may step back


# --- an idle mirror


def test_without_news_the_same_cursor_comes_back_and_the_poll_is_a_304(client, poll, clock):
    client.post(MENTORS, json={"mentor_id": "ada"})
    begin = cursor(poll())
    first = client.get(CHANGES, query_string={"since": begin})
    clock.at = "2026-03-26T09:29:59Z"
    again = client.get(CHANGES, query_string={"since": begin}, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_cursor_moves_once_an_hour_also_without_news(client, poll, clock):
    begin = cursor(poll())
    clock.at = "2026-03-26T09:30:00Z"
    moved = cursor(poll(begin))
    assert moved != begin
    assert cursor(poll(moved)) == moved


# --- deletion, erasure


def test_an_erased_mentor_leaves_a_mark_for_who_follows_and_nothing_else(client, poll, rows):
    client.post(MENTORS, json={"mentor_id": "ada"})
    begin = cursor(poll())
    client.delete(f"{MENTORS}/ada?erase=true")
    assert [(item["mentor_id"], item["deleted"]) for item in poll(begin)["data"]] == [("ada", True)]
    (mark,) = rows("mentor_change")
    assert mark["mentor_id"] == "ada" and mark["erased_at"]
    assert client.get(f"{MENTORS}/ada/history").status_code == 404
    assert client.delete(f"{MENTORS}/ada?erase=true").status_code == 404


def test_erasing_a_mentor_who_was_deleted_makes_a_mark_and_one_who_was_never_known_none(client, rows):
    client.post(MENTORS, json={"mentor_id": "ada"})
    client.delete(f"{MENTORS}/ada")
    assert [mark["erased_at"] for mark in rows("mentor_change")] == [None]
    client.delete(f"{MENTORS}/ada?erase=true")
    client.delete(f"{MENTORS}/nobody?erase=true")
    (mark,) = rows("mentor_change")
    assert mark["erased_at"] is not None


def test_a_mentor_who_is_created_again_has_no_mark(client, poll, rows):
    client.post(MENTORS, json={"mentor_id": "ada"})
    client.delete(f"{MENTORS}/ada?erase=true")
    begin = cursor(poll())
    client.post(MENTORS, json={"mentor_id": "ada"})
    assert [(item["mentor_id"], item["deleted"]) for item in poll(begin)["data"]] == [("ada", False)]
    assert [mark["erased_at"] for mark in rows("mentor_change")] == [None]
