"""What the lists take besides what test_readings.py asks for: links, parts of ids, many ids, keys, and reasons."""

import pytest

from tests.support.tables import MENTORS, RECORDS, upload


@pytest.mark.parametrize("path", ["mentor-statuses", "pause-records", "mentor-statuses/a/history"])
def test_the_links_of_a_list_come_in_the_spelling_of_the_request_with_its_filters(client, path):
    for number in range(5):
        client.post("/api/v1/mentor-statuses", json={"mentor_id": f"a{number}" if number else "a", "status": "paused"})
        client.put("/api/v1/mentor-statuses/a", json={"metadata": {"turn": number}})
    base = "/api/v1/mentor-statuses"
    full = f"{base}/api/v1/{path}"
    links = client.get(f"{full}?limit=2&page=2").headers["Link"]
    assert f'<{full}?limit=2&page=1>; rel="first"' in links
    assert f'<{full}?limit=2&page=1>; rel="prev"' in links
    assert f'<{full}?limit=2&page=3>; rel="next"' in links
    assert f'<{full}?limit=2&page=3>; rel="last"' in links
    past_the_end = client.get(f"/api/v1/{path}?limit=2&page=9")
    assert (past_the_end.status_code, past_the_end.json["data"]) == (200, [])
    assert f'<{"/api/v1/" + path}?limit=2&page=3>; rel="prev"' in past_the_end.headers["Link"]
    assert 'rel="next"' not in past_the_end.headers["Link"]


@pytest.mark.parametrize("path", ["mentor-statuses", "pause-records"])
def test_links_that_would_be_longer_than_8_kib_are_left_out(client, path):
    lengths = []
    for count in range(1, 101):
        ids = ",".join(f"{number:064}" for number in range(count))
        answer = client.get(f"/api/v1/{path}?mentor_id={ids}")
        assert (answer.status_code, answer.json["data"]) == (200, [])
        lengths.append(len(answer.headers.get("Link", "")))
    present = lengths[: lengths.index(0)]
    assert 8000 < max(present) <= 8192
    assert set(lengths[len(present) :]) == {0}


@pytest.mark.parametrize("path", ["mentor-statuses", "pause-records", "mentor-statuses.csv", "pause-records.csv"])
@pytest.mark.parametrize("part", ["", "%25", "a%20b", "%C4%B0", "a*", "a" * 65])
def test_a_text_that_is_in_no_id_is_refused(client, path, part):
    response = client.get(f"/api/v1/{path}?mentor_id_contains={part}")
    assert (response.status_code, list(response.json["errors"])) == (422, ["mentor_id_contains"])


@pytest.fixture
def thirty_ids(client):
    """Add 30 mentors, and return their ids, with commas between them; ten of them twice, and two that nobody has."""
    names = [f"m{number:02}" for number in range(30)]
    upload(client, MENTORS, [{"mentor_id": name} for name in names])
    return ",".join([*names, *names[:10], "unknown", "M01"])


@pytest.mark.parametrize(
    ("query", "shown", "pagination"),
    [
        ("", 30, {"page": 1, "limit": 32, "total": 30}),
        ("&after=", 30, {"limit": 32, "next": None}),
        ("&after=m09", 20, {"limit": 32, "next": None}),
        ("&page=2", 0, {"page": 2, "limit": 32, "total": 30}),
        ("&status=active&sort=-mentor_id", 30, {"page": 1, "limit": 32, "total": 30}),
        ("&limit=20", 20, {"page": 1, "limit": 20, "total": 30}),
        ("&limit=20&after=", 20, {"limit": 20, "next": "m19"}),
    ],
)
def test_the_mentors_asked_for_by_id_are_all_on_one_page_unless_a_limit_is_sent(
    client, thirty_ids, query, shown, pagination
):
    answer = client.get(f"/api/v1/mentor-statuses?mentor_id={thirty_ids}{query}")
    assert (len(answer.json["data"]), answer.json["pagination"]) == (shown, pagination)
    assert 'rel="next"' not in answer.headers["Link"] or "limit=20" in answer.headers["Link"]


def test_of_few_ids_of_none_and_in_the_list_of_pauses_the_limit_is_20(client, thirty_ids):
    for query in ("mentor-statuses?mentor_id=m01,m02", "mentor-statuses", f"pause-records?mentor_id={thirty_ids}"):
        assert client.get(f"/api/v1/{query}").json["pagination"]["limit"] == 20


def test_a_reason_is_found_as_it_is_written(client, pause):
    pause(reason="leave")
    found = [client.get(RECORDS, query_string={"reason": text}).json["data"] for text in ("leave", "Leave", "leav%")]
    assert list(map(len, found)) == [1, 0, 0]
