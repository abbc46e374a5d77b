"""Pages and probes ignore the query, and a page is found with a slash at its end; the API is strict about both."""

from urllib.parse import urljoin

import pytest

from web.middleware import BASE

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
API = ["/api/v1/mentor-statuses", "/api/v1/pause-records"]


@pytest.mark.parametrize("path", PAGES_AND_PROBES)
def test_a_page_or_a_probe_answers_the_same_whatever_the_query_says(client, path):
    plain = client.get(path)
    for query in QUERIES:
        for method in ("GET", "HEAD"):
            answered = client.open(f"{path}?{query}", method=method)
            assert (answered.status_code, answered.headers.get("ETag")) == (200, plain.headers.get("ETag"))


@pytest.mark.parametrize("query", ["fbclid=x", "x=1&x=2", "x=%FF"])
@pytest.mark.parametrize("path", API)
def test_the_api_refuses_a_parameter_that_it_does_not_know(client, path, query):
    for prefix in ("", BASE):
        assert client.get(f"{prefix}{path}?{query}").status_code == 422


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


@pytest.mark.parametrize("path", API)
def test_nothing_of_the_api_redirects(client, path):
    for each in (f"{path}/", f"{BASE}{path}/", path.replace("/v1/", "/v1//")):
        assert client.get(each).status_code == 404
