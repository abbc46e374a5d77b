"""Conditional requests: polling for free, and writing without overwriting."""

import pytest

from routes import site
from settings import Settings
from tests.support.databases import ON_SQLITE

pytestmark = [ON_SQLITE, pytest.mark.usefixtures("coming_pause")]
MENTOR = "/api/v1/mentor-statuses/ada"
RECORD = "/api/v1/pause-records/pause-rec-0001"
READS = [
    "/api/v1/mentor-statuses",
    MENTOR,
    f"{MENTOR}/history",
    "/api/v1/pause-records",
    RECORD,
    "/",
    "/openapi.json",
    "/docs",
    "/docs/docs.js",
    "/board",
]


@pytest.fixture
def coming_pause(pause):
    """Record a pause of ada from 10 April on."""
    pause(start_date="2026-04-10", reason="x")


MAY_HOLD_A_REASON = [MENTOR, f"{MENTOR}/history", "/api/v1/pause-records", RECORD]


@pytest.mark.parametrize("path", READS)
def test_every_read_has_an_etag_and_answers_304_while_it_is_the_same(client, path):
    first = client.get(path)
    assert first.headers.getlist("Cache-Control") == ["no-store" if path in MAY_HOLD_A_REASON else "no-cache"]
    for etag in (first.headers["ETag"], f"W/{first.headers['ETag']}", "*", f'"other", {first.headers["ETag"]}'):
        again = client.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert client.get(path, headers={"If-None-Match": '"other"'}).data == first.data


BOARD_FILE = f"/board/{site.make_site(Settings()).digest}/board.js"
FILES = [BOARD_FILE, "/docs/swagger-ui.css", "/api/v1/pause-records.ics"]
TABLES = ["/api/v1/mentor-statuses.csv", "/api/v1/pause-records.csv"]
WITHOUT_ETAG = [*TABLES, "/metrics"]


@pytest.mark.parametrize("path", [*READS, *FILES, *WITHOUT_ETAG])
def test_a_read_ignores_if_match_and_range_and_head_answers_as_get_without_the_body(client, path):
    whole = client.get(path)
    etag = whole.headers.get("ETag", '"x"')
    part = {"Range": "bytes=0-9"}
    assert whole.content_length == len(whole.data)
    for headers in ({}, {"If-Match": '"other"'}, {"If-Match": "garbage"}, part, part | {"If-Range": etag}):
        for method, body in (("GET", whole.data), ("HEAD", b"")):
            answered = client.open(path, method=method, headers=headers)
            assert (answered.status_code, answered.data) == (200, body)
            assert answered.headers.get("Accept-Ranges", "none") == "none"
            for name in ("ETag", "Content-Length", "Content-Type", "Link"):
                assert answered.headers.get(name) == whole.headers.get(name)
    status = 200 if path in WITHOUT_ETAG else 304
    assert client.get(path, headers={"If-Match": '"other"', "If-None-Match": etag}).status_code == status


@pytest.mark.parametrize("path", [*MAY_HOLD_A_REASON, *TABLES])
def test_what_may_hold_a_reason_is_stored_by_no_cache_whatever_it_holds_now(client, path):
    assert client.delete(MENTOR).status_code == 200
    for method in ("GET", "HEAD"):
        response = client.open(path, method=method)
        if response.status_code == 200:
            assert response.headers.getlist("Cache-Control") == ["no-store"]


def test_the_etag_of_a_page_by_key_changes_with_a_write_with_the_time_and_with_the_next_key(client, clock):
    page = "/api/v1/mentor-statuses?after=&limit=1"
    etags = [client.get(page).headers["ETag"]]
    client.put(RECORD, json={"start_date": "2026-04-11"})
    etags.append(client.get(page).headers["ETag"])
    clock.at = "2026-04-11T00:00:00Z"
    etags.append(client.get(page).headers["ETag"])
    client.post("/api/v1/mentor-statuses", json={"mentor_id": "zoe"})
    etags.append(client.get(page).headers["ETag"])
    assert len(set(etags)) == 4


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", MENTOR, {"pause_reason": "y"}),
        ("DELETE", MENTOR, None),
        ("PUT", RECORD, {"reason": "y"}),
        ("DELETE", RECORD, None),
    ],
)
@pytest.mark.parametrize("if_match", ['"other"', "garbage", '"unclosed', ""])
def test_a_stale_write_is_refused_with_the_current_etag_and_a_fresh_one_is_done(
    client, state, method, path, body, if_match
):
    before = state()
    stale = client.open(path, method=method, json=body, headers={"If-Match": if_match})
    assert (stale.status_code, stale.json["code"]) == (412, "stale")
    assert stale.headers["ETag"] == client.get(path).headers["ETag"]
    assert state() == before
    ignored = {"If-None-Match": stale.headers["ETag"]}  # a write ignores tags in it
    fresh = client.open(path, method=method, json=body, headers={"If-Match": f"W/{stale.headers['ETag']}"} | ignored)
    assert fresh.status_code == 200


def test_if_match_star_is_a_200_on_what_is_there_and_a_404_on_what_is_not(client):
    assert client.put(MENTOR, json={}, headers={"If-Match": "*"}).status_code == 200
    assert client.put("/api/v1/mentor-statuses/nobody", json={}, headers={"If-Match": "*"}).status_code == 404
