"""Pages and probes: the front, the query that they ignore, and the slash at the end of a page."""

import re
from urllib.parse import urljoin

import pytest

from settings import VERSION
from tests.support.databases import ON_SQLITE

pytestmark = ON_SQLITE
PAGES_AND_PROBES = [
    "/",
    "/livez",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/board",
    "/board/board.js",
    "/docs",
    "/docs/docs.js",
]
# What mail programs, social networks and monitors add, and what is no query at all.
QUERIES = ["fbclid=x", "utm_source=mail&utm_medium=mail", "x=1&x=2", "x=%FF", "=", "&&", "limit=0"]


@pytest.mark.parametrize("path", PAGES_AND_PROBES)
def test_a_page_or_a_probe_answers_the_same_whatever_the_query_says(client, path):
    plain = client.get(path)
    for query in QUERIES:
        for method in ("GET", "HEAD"):
            answered = client.open(f"{path}?{query}", method=method)
            assert (answered.status_code, answered.headers.get("ETag")) == (200, plain.headers.get("ETag"))


@pytest.mark.parametrize("prefix", ["", "/mentors", "/a/b"])
@pytest.mark.parametrize(("path", "page"), [("/board/", "/board"), ("/docs/", "/docs"), ("/board/?x=1", "/board")])
def test_a_page_with_a_slash_at_its_end_leads_to_the_page_also_behind_a_proxy_that_adds_a_path(
    client, path, page, prefix
):
    for method in ("GET", "HEAD"):
        answered = client.open(path, method=method)
        assert answered.status_code == 308
        location = answered.headers["Location"]
        assert urljoin(f"https://example.org{prefix}{path}", location) == f"https://example.org{prefix}{page}"
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("path", ["/livez/", "/openapi.json/", "/board//", "/board/board.js/", "//board/", "/docs//"])
def test_nothing_else_is_found_with_a_slash_at_its_end(client, path):
    assert client.get("/", environ_overrides={"PATH_INFO": path}).status_code == 404


# --- the front: the same path for browsers and for programs, each in its own form

CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize("accept", [CHROMIUM, "text/html", "text/html;q=0.9, application/json;q=0.8"])
def test_a_browser_gets_a_page_that_leads_to_the_board_and_the_description(client, accept):
    page = client.get("/", headers={"Accept": accept})
    assert (page.status_code, page.mimetype, page.headers["Vary"]) == (200, "text/html", "Accept")
    assert f"Version {VERSION}." in page.text
    addresses = re.findall('href="(.*?)"', page.text)
    assert {"board", "docs", "openapi.json"} < set(addresses)
    for address in addresses:
        assert client.get(f"/{address}").status_code == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/json, text/html", "image/png"])
def test_curl_and_backends_get_json(client, accept):
    answer = client.get("/", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.mimetype, answer.headers["Vary"]) == (200, "application/json", "Accept")
    names = ["mentor_statuses", "pause_records", "description", "documentation", "board"]
    assert list(answer.json["links"]) == names
    assert client.get(answer.json["links"]["board"]).mimetype == "text/html"


def test_the_front_says_where_a_mentor_is_shown_outside_of_this_service(client, configured):
    assert client.get("/").json["mentor_url"] is None
    url = "https://app.example/people/{mentor_id}"
    assert configured(MENTOR_URL=url).get("/").json["mentor_url"] == url


def test_the_front_says_the_time_zone_of_the_days(client):
    assert client.get("/").json["time_zone"] == "UTC"


def test_each_form_has_an_etag_of_its_own(client):
    page, answer = client.get("/", headers={"Accept": CHROMIUM}), client.get("/")
    assert page.headers["ETag"] != answer.headers["ETag"]
    for accept, etag, status in [
        (CHROMIUM, page.headers["ETag"], 304),
        (CHROMIUM, answer.headers["ETag"], 200),
        ("*/*", page.headers["ETag"], 200),
    ]:
        assert client.get("/", headers={"Accept": accept, "If-None-Match": etag}).status_code == status
