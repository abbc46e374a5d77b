"""A web page of another origin cannot write: the cases of the CrossOriginProtection of Go, and more of their kind."""

import pytest

from tests.support.databases import ON_SQLITE
from tests.support.server import Server
from web.middleware import BASE

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
EVIL = "https://evil.example"
TOKEN = "w" * 16
RECORD = {"mentor_id": "ada", "start_date": "2026-05-01", "reason": "leave"}
WRITES = [
    ("POST", MENTORS, {"mentor_id": "bob"}),
    ("PUT", f"{MENTORS}/ada", {"status": "active"}),
    ("DELETE", f"{MENTORS}/ada", None),
    ("POST", RECORDS, RECORD),
    ("PUT", f"{RECORDS}/pause-rec-0001", {"is_active": False}),
    ("DELETE", f"{RECORDS}/pause-rec-0001", None),
    ("POST", f"{MENTORS}.csv", "mentor_id\nbob\n"),
    ("POST", f"{RECORDS}.csv", "pause_record_id,reason\npause-rec-0001,x\n"),
]


def sent(body):
    """Return how the client sends a body: text as a table, anything else as JSON."""
    return {"data": body, "content_type": "text/csv"} if isinstance(body, str) else {"json": body}


def headers_of(site, origin, host="example.com"):
    """Return the three headers that the rule looks at, without those that are None."""
    named = {"Sec-Fetch-Site": site, "Origin": origin, "Host": host}
    return {name: value for name, value in named.items() if value is not None}


@pytest.fixture
def paused(client):
    """Return a client; mentor ada has a pause (pause-rec-0001)."""
    assert client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"}).status_code == 201
    return client


@ON_SQLITE
@pytest.mark.parametrize("prefix", ["", BASE])
@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_no_write_of_a_page_of_another_origin_changes_anything(paused, state, method, path, body, prefix):
    before = state()
    for site, origin in (("cross-site", EVIL), ("same-site", EVIL), ("cross-site", None), (None, EVIL), (None, "null")):
        refused = paused.open(prefix + path, method=method, headers=headers_of(site, origin), **sent(body))
        assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
        assert "CORS_ORIGINS" in refused.json["detail"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    refused = paused.open(prefix + path, method=method, data="no JSON", headers=headers_of("cross-site", EVIL) | form)
    assert refused.status_code == 403  # before the body is looked at
    assert state() == before


@ON_SQLITE
@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_a_write_without_headers_of_a_web_page_is_accepted(paused, method, path, body):
    for headers in (headers_of(None, None), headers_of(None, None, host="localhost:8000"), headers_of("", "")):
        answered = paused.open(path, method=method, headers=headers, **sent(body))
        assert answered.status_code in (200, 201, 404, 409)  # DELETE and POST: the second time there is nothing to do


PASS = [  # Sec-Fetch-Site, Origin, Host
    ("same-origin", None, "example.com"),
    ("same-origin", "https://example.com", "example.com"),
    ("same-origin", "https://example.com", "behind-a-proxy:8000"),  # the browser knows better than the Host
    ("same-origin", "null", "example.com"),
    ("none", None, "example.com"),
    ("none", EVIL, "example.com"),
    (None, None, "example.com"),
    (None, "", "example.com"),
    ("", "https://example.com", "example.com"),
    (None, "https://example.com", "example.com"),
    (None, "http://example.com", "example.com"),
    (None, "http://example.com:8000", "example.com:8000"),
    (None, "https://example.com:8443", "example.com:8443"),
    (None, "http://192.168.1.5:8000", "192.168.1.5:8000"),
    (None, "http://[::1]:8000", "[::1]:8000"),
    (None, "http://[::1]", "[::1]"),
    (None, "HTTPS://EXAMPLE.com", "example.COM"),
]
REFUSED = [
    ("cross-site", None, "example.com"),
    ("cross-site", "https://example.com", "example.com"),
    ("cross-site", "null", "example.com"),
    ("same-site", None, "example.com"),
    ("same-site", "https://example.com", "example.com"),
    ("same-site", "https://a.example.com", "example.com"),
    ("Same-Origin", None, "example.com"),
    ("same-origin, cross-site", None, "example.com"),
    ("unheard-of", None, "example.com"),
    (None, "null", "example.com"),
    (None, "null", "null"),
    (None, EVIL, "example.com"),
    (None, "https://a.example.com", "example.com"),
    (None, "https://example.com.evil.example", "example.com"),
    (None, "https://example.co", "example.com"),
    (None, "https://example.com@evil.example", "example.com"),
    (None, "http://example.com:8001", "example.com:8000"),
    (None, "http://example.com", "example.com:8000"),
    (None, "http://example.com:8000", "example.com"),
    (None, "http://[::1]:8000", "[::1]:8001"),
    (None, "http://[::2]:8000", "[::1]:8000"),
    (None, "http://[::1", "[::1]"),
    (None, "example.com", "example.com"),
    (None, "ftp://example.com", "example.com"),
    (None, "https://example.com/", "example.com"),
    (None, "https://example.com,https://evil.example", "example.com"),
    (None, "https://example.com https://evil.example", "example.com"),
]
TABLE = [(case, 200) for case in PASS] + [(case, 403) for case in REFUSED]


@ON_SQLITE
@pytest.mark.parametrize(("case", "status"), TABLE)
def test_a_write_is_a_200_or_a_403_by_its_sec_fetch_site_origin_and_host(paused, case, status):
    answered = paused.put(f"{MENTORS}/ada", json={"pause_reason": "illness"}, headers=headers_of(*case))
    assert answered.status_code == status


@ON_SQLITE
@pytest.mark.parametrize("origin", ["null", EVIL])
@pytest.mark.parametrize("host", ["", None])
def test_a_write_with_an_origin_and_no_host_is_a_403(paused, configured, origin, host):
    environ = {"HTTP_ORIGIN": origin} | ({} if host is None else {"HTTP_HOST": host})
    assert configured().put(f"{MENTORS}/ada", json={}, environ_overrides=environ).status_code == 403


@ON_SQLITE
def test_get_head_and_options_from_any_page_are_a_200(paused):
    for case, _status in TABLE:
        for method in ("GET", "HEAD", "OPTIONS"):
            assert paused.open(f"{MENTORS}/ada", method=method, headers=headers_of(*case)).status_code == 200, case


KNOWN = "https://a.example,http://b.example:3000,https://Upper.example,http://[fd00::1],http://[::1]:3000"


@ON_SQLITE
@pytest.mark.parametrize("site", [None, "cross-site"])
@pytest.mark.parametrize(
    ("origin", "passes"),
    [
        ("https://a.example", True),
        ("http://b.example:3000", True),
        ("https://upper.example", True),
        ("http://[FD00::1]", True),
        ("http://[::1]:3000", True),
        ("http://[::1]", False),
        ("https://a.example:444", False),
        ("http://b.example", False),
        ("https://sub.a.example", False),
        (EVIL, False),
    ],
)
def test_a_page_of_an_origin_in_cors_origins_may_write_and_no_other(paused, configured, site, origin, passes):
    configured(CORS_ORIGINS=KNOWN)
    answered = paused.put(f"{MENTORS}/ada", json={"pause_reason": "illness"}, headers=headers_of(site, origin))
    assert answered.status_code == (200 if passes else 403)


@ON_SQLITE
def test_a_star_in_cors_origins_lets_every_page_write(paused, configured):
    configured(CORS_ORIGINS="*")
    for case, _status in TABLE:
        assert paused.put(f"{MENTORS}/ada", json={}, headers=headers_of(*case)).status_code == 200, case


@ON_SQLITE
def test_a_404_and_a_405_come_before_the_403_of_another_origin_and_a_401_after_it(paused, configured):
    client = configured(API_TOKENS=f"coordinator:{TOKEN}")
    cross_site = headers_of("cross-site", EVIL)
    assert client.post(f"{MENTORS}/ada", headers=cross_site).status_code == 405
    assert client.put("/nothing", headers=cross_site).status_code == 404
    refused = client.put(f"{MENTORS}/ada", data="no JSON", headers=cross_site)
    assert (refused.status_code, "CORS_ORIGINS" in refused.json["detail"]) == (403, True)
    assert client.get(f"{MENTORS}/ada").status_code == 401
    with_token = {"Authorization": f"Bearer {TOKEN}"}
    assert client.put(f"{MENTORS}/ada", json={}, headers=cross_site | with_token).status_code == 403
    assert client.put(f"{MENTORS}/ada", json={}, headers=with_token).status_code == 200


@pytest.mark.parametrize(("value", "said"), [("*", True), ("https://a.example", False)])
def test_the_first_line_of_the_log_says_when_every_page_may_write(tmp_path, value, said):
    with Server(f"sqlite:///{tmp_path}/file.db", CORS_ORIGINS=value, WEB_CONCURRENCY=1) as server:
        first = next(line for line in server.log().splitlines() if "database: " in line)
    assert ("CORS_ORIGINS is *" in first) == said
