"""Which page is one of another origin, which may not write; and which answers a page of another origin may read.

The cases of Go's CrossOriginProtection, and more of them. test_access.py asks for each route.
"""

import dataclasses

import pytest

from app import create_app
from db import db
from tests.support.databases import ON_SQLITE
from tests.support.server import Server
from tests.support.tables import MENTORS

EVIL = "https://evil.example"


def headers_of(site, origin, host="example.com"):
    """Return the three headers that the rule looks at, without those that are None."""
    named = {"Sec-Fetch-Site": site, "Origin": origin, "Host": host}
    return {name: value for name, value in named.items() if value is not None}


# --- who may write

PASS = [  # Sec-Fetch-Site, Origin, Host
    ("same-origin", None, "example.com"),
    ("same-origin", "https://example.com", "behind-a-proxy:8000"),  # the browser knows better than the Host
    ("same-origin", "null", "example.com"),
    ("none", EVIL, "example.com"),
    (None, None, "example.com"),
    ("", "", "example.com"),
    ("", "https://example.com", "example.com"),
    (None, "http://example.com:8000", "example.com:8000"),
    (None, "http://[::1]:8000", "[::1]:8000"),
    (None, "HTTPS://EXAMPLE.com", "example.COM"),
]
REFUSED = [
    ("cross-site", None, "example.com"),
    ("cross-site", "https://example.com", "example.com"),
    ("same-site", "https://example.com", "example.com"),
    ("Same-Origin", None, "example.com"),
    ("same-origin, cross-site", None, "example.com"),
    (None, "null", "example.com"),
    (None, "null", "null"),
    (None, EVIL, "example.com"),
    (None, "https://a.example.com", "example.com"),
    (None, "https://example.com.evil.example", "example.com"),
    (None, "https://example.com@evil.example", "example.com"),
    (None, "http://example.com:8001", "example.com:8000"),
    (None, "http://example.com", "example.com:8000"),
    (None, "http://example.com:8000", "example.com"),
    (None, "http://[::1", "[::1]"),
    (None, "example.com", "example.com"),
    (None, "ftp://example.com", "example.com"),
    (None, "https://example.com/", "example.com"),
    (None, "https://example.com,https://evil.example", "example.com"),
]
TABLE = [(case, 200) for case in PASS] + [(case, 403) for case in REFUSED]
KNOWN = "https://a.example", "http://b.example:3000", "https://Upper.example", "http://[fd00::1]", "http://[::1]:3000"
AS_WRITTEN = [*KNOWN, "https://upper.example", "http://[FD00::1]"]
UNKNOWN = ["http://[::1]", "https://a.example:444", "http://b.example", "https://sub.a.example", EVIL]


@ON_SQLITE
@pytest.mark.parametrize(("case", "status"), TABLE)
def test_a_write_is_a_200_or_a_403_by_its_sec_fetch_site_origin_and_host(ada_paused, case, status):
    answered = ada_paused.put(f"{MENTORS}/ada", json={"pause_reason": "illness"}, headers=headers_of(*case))
    assert answered.status_code == status


@ON_SQLITE
@pytest.mark.parametrize("origin", ["null", EVIL])
@pytest.mark.parametrize("host", [{"HTTP_HOST": ""}, {}])
def test_a_write_with_an_origin_and_no_host_is_a_403(ada_paused, configured, origin, host):
    environ = {"HTTP_ORIGIN": origin} | host
    assert configured().put(f"{MENTORS}/ada", json={}, environ_overrides=environ).status_code == 403


@ON_SQLITE
@pytest.mark.parametrize("site", [None, "cross-site"])
def test_a_page_of_an_origin_in_cors_origins_may_write_and_no_other(ada_paused, configured, site):
    configured(CORS_ORIGINS=",".join(KNOWN))
    for origin in [*AS_WRITTEN, *UNKNOWN]:
        answered = ada_paused.put(f"{MENTORS}/ada", json={}, headers=headers_of(site, origin))
        assert answered.status_code == (200 if origin in AS_WRITTEN else 403), origin


@ON_SQLITE
def test_a_star_in_cors_origins_lets_every_page_write(ada_paused, configured):
    configured(CORS_ORIGINS="*")
    for case, _status in TABLE:
        assert ada_paused.put(f"{MENTORS}/ada", json={}, headers=headers_of(*case)).status_code == 200, case


@pytest.mark.parametrize(("value", "said"), [("*", True), ("https://a.example", False)])
def test_the_first_line_of_the_log_says_when_every_page_may_write(tmp_path, value, said):
    with Server(f"sqlite:///{tmp_path}/file.db", CORS_ORIGINS=value, WEB_CONCURRENCY=1) as server:
        first = next(line for line in server.log().splitlines() if "database: " in line)
    assert ("CORS_ORIGINS is *" in first) == said


# --- who may read


@pytest.fixture
def shared_with(app):
    """Return a function that builds the app anew, gives it these origins, and returns a client of it."""

    def build(*origins):
        settings = dataclasses.replace(app.config["SETTINGS"], cors_origins=origins)
        db.close_all()  # the other app opens the same database anew, for both
        return create_app(settings, clock=app.config["CLOCK"]).test_client()

    return build


SHARED = "https://a.example", "http://[fd00::1]:3000"
ASKED_FOR = {"authorization", "content-type", "if-match"}  # headers of a request
EXPOSED = {"ETag", "Link", "Location", "Retry-After", "X-Request-ID", "Idempotent-Replayed", "History-Entry"}


def words(value):
    return set(value.split(", "))


def preflight(client, origin, method):
    """Return the answer to a browser that asks whether a page may send such a request."""
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": ", ".join(ASKED_FOR)}
    return client.options(f"{MENTORS}/ada", headers=asked | ({"Origin": origin} if origin else {}))


@ON_SQLITE
@pytest.mark.parametrize("origin", SHARED)
def test_a_page_of_a_known_origin_may_ask_without_a_token_and_read_what_matters(configured, shared_with, origin):
    token = "r" * 16
    configured(API_TOKENS=f"dashboard:{token}:read")
    shared = shared_with(*SHARED)
    for method in ("GET", "POST", "PUT", "DELETE"):
        answered = preflight(shared, origin, method)
        told = answered.headers
        assert (answered.status_code, told["Access-Control-Allow-Origin"]) == (200, origin)
        assert method in words(told["Access-Control-Allow-Methods"])
        assert words(told["Access-Control-Allow-Headers"].lower()) >= ASKED_FOR
    for headers, status in (({"Authorization": f"Bearer {token}"}, 200), ({}, 401)):  # also of a problem
        answered = shared.get(MENTORS, headers={"Origin": origin} | headers)
        assert (answered.status_code, answered.headers["Access-Control-Allow-Origin"]) == (status, origin)
        assert words(answered.headers["Access-Control-Expose-Headers"]) >= EXPOSED


@ON_SQLITE
@pytest.mark.parametrize("origins", [("*",), SHARED[:1], SHARED])
@pytest.mark.parametrize("origin", [None, SHARED[0], EVIL, "http://[fd00::1]:30000", "http://f:3000"])
def test_a_page_of_another_origin_may_read_nothing_and_no_cache_takes_an_answer_to_one_for_that_to_another(
    client, shared_with, origins, origin
):
    shared = shared_with(*origins)
    headers = {"Origin": origin} if origin else {}
    is_unknown = origin and not {origin, "*"}.intersection(origins)
    etag = shared.get(MENTORS).headers["ETag"]
    answers = [shared.get(path, headers=headers) for path in (MENTORS, "/", "/board", "/board/", "/nothing")]
    answers.append(shared.get(MENTORS, headers=headers | {"If-None-Match": etag}))
    answers += [shared.options(MENTORS, headers=headers), preflight(shared, origin, "GET")]
    for answered in answers:
        assert not is_unknown or "Access-Control-Allow-Origin" not in answered.headers
        vary = [name.strip() for value in answered.headers.getlist("Vary") for name in value.split(",")]
        of_path = {"/": ["Accept"], "/board": ["Accept-Encoding"]}.get(answered.request.path, [])
        assert vary == [*of_path, "Origin"]
        answered.close()
