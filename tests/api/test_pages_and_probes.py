"""Pages and probes: the front, the query that they ignore, and the slash at the end of a page."""

import itertools
import json
import re
from html import unescape
from urllib.parse import urljoin

import pytest

from routes import site
from settings import VERSION, Settings
from tests.support.databases import ON_SQLITE

pytestmark = ON_SQLITE
SITE = site.make_site(Settings())
BOARD_DIGEST = SITE.digest
PAGES_AND_PROBES = [
    "/",
    "/livez",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/board",
    f"/board/{BOARD_DIGEST}/board.js",
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


@pytest.mark.parametrize("path", ["/livez/", "/openapi.json/", "/board//", "//board/", "/docs//", "/docs/docs.js/"])
def test_nothing_else_is_found_with_a_slash_at_its_end(client, path):
    assert client.get("/", environ_overrides={"PATH_INFO": path}).status_code == 404


# --- the front: the same path for browsers and for programs, each in its own form

CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


HTML = [CHROMIUM, "text/html", "text/html;q=0.9, application/json;q=0.8", f"{'a/b,' * 250}text/html"]
# A kilobyte of Accept is read, and no more.
JSON = [None, "*/*", "application/json", "application/json, text/html", "image/png", f"{'a/b,' * 300}text/html"]


@pytest.mark.parametrize("accept", HTML)
def test_a_browser_gets_a_page_that_leads_to_the_board_and_the_description(client, accept):
    page = client.get("/", headers={"Accept": accept})
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert page.vary.find("Accept") >= 0
    assert f"Version {VERSION}." in page.text
    addresses = re.findall('href="(.*?)"', page.text)
    assert {"board", "docs", "openapi.json"} < set(addresses)
    for address in addresses:
        assert client.get(f"/{address}").status_code == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("accept", JSON)
def test_curl_and_backends_get_json(client, accept):
    answer = client.get("/", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.mimetype, answer.headers["Vary"]) == (200, "application/json", "Accept")
    assert (answer.json["mentor_url"], answer.json["time_zone"]) == (None, "UTC")
    types = {name: client.get(path).mimetype for name, path in answer.json["links"].items()}
    assert types == {
        **dict.fromkeys(["mentor_statuses", "pause_records", "description"], "application/json"),
        **dict.fromkeys(["documentation", "board"], "text/html"),
    }


def test_the_front_says_where_a_mentor_is_shown_outside_of_this_service(configured):
    url = "https://app.example/people/{mentor_id}"
    assert configured(MENTOR_URL=url).get("/").json["mentor_url"] == url


def test_each_form_has_an_etag_of_its_own(client):
    etags = {accept: client.get("/", headers={"Accept": accept}).headers["ETag"] for accept in (CHROMIUM, "*/*")}
    for accept, etag in itertools.product(etags, etags.values()):
        answer = client.get("/", headers={"Accept": accept, "If-None-Match": etag})
        assert answer.status_code == (304 if etag == etags[accept] else 200)


# --- the files of the board: their paths have a digest of all of them


@pytest.mark.parametrize("page", ["/", "/board"])
def test_a_page_names_the_files_of_the_board_with_their_digest(client, page):
    text = client.get(page, headers={"Accept": CHROMIUM}).text
    files = re.findall('(?:href|src)="(board/.*?)"', text)
    assert len(files) >= 2
    assert {file.split("/")[1] for file in files} == {BOARD_DIGEST}


@pytest.mark.parametrize("name", ["board.js", "board.css", "icon.svg", "lit-html/directives/repeat.js"])
def test_a_file_is_cached_for_a_year_under_the_digest_that_the_page_names_and_asked_for_each_time_under_another(
    client, name
):
    current, other = (client.get(f"/board/{digest}/{name}") for digest in (BOARD_DIGEST, "0" * 32))
    assert current.headers.getlist("Cache-Control") == ["public, max-age=31536000, immutable"]
    assert other.headers.getlist("Cache-Control") == ["no-cache"]
    assert (other.data, other.headers["ETag"]) == (current.data, current.headers["ETag"])
    for answer in (current, other):
        again = client.get(answer.request.path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers.getlist("Cache-Control") == answer.headers.getlist("Cache-Control")


MODULES = [name for name in SITE.board_files if name.endswith(".js") and name != "faults.js"]


def test_the_page_of_the_board_loads_all_modules_at_once_which_are_small(client):
    page = client.get("/board").text
    preloaded = re.findall(f'<link rel="modulepreload" href="board/{BOARD_DIGEST}/(.*?)">', page)
    assert (len(preloaded) > 40, sorted(preloaded)) == (True, sorted(MODULES))
    scripts = [f"/board/{BOARD_DIGEST}/{name}" for name in [*MODULES, "faults.js"]]
    sizes = [client.get(path, headers={"Accept-Encoding": "gzip"}).content_length for path in scripts]
    assert sum(sizes) <= 92 * 1024


TITLES = ["\"Bern\" & 'Zürich' <b>{digest}</b>", "{modules} מנטורים"]


@pytest.mark.parametrize("title", TITLES)
def test_the_page_of_the_board_holds_its_title_the_zone_and_the_address_of_a_mentor_as_text(configured, title):
    url = "https://app.example/{mentor_id}?a=1&b='"
    client = configured(BOARD_TITLE=title, TIME_ZONE="Europe/Zurich", MENTOR_URL=url)
    page = client.get("/board").text
    assert [unescape(each) for each in re.findall("<title>(.*?)</title>|<bdi>(.*?)</bdi>", page)[0]] == [title, ""]
    assert unescape(re.search("<bdi>(.*?)</bdi>", page)[1]) == title
    assert [unescape(each) for each in re.findall('data-(?:time-zone|mentor-url)="(.*?)"', page)] == [
        "Europe/Zurich",
        url,
    ]
    assert "<b>" not in page


@pytest.mark.parametrize("title", ["Mentor board", *TITLES])
def test_the_manifest_has_the_title_and_leads_to_the_page_and_its_icons(configured, title):
    client = configured(BOARD_TITLE=title)
    (path,) = re.findall('<link rel="manifest" href="(.*?)">', client.get("/board").text)
    answer = client.get(f"/{path}")
    assert (answer.mimetype, "immutable" in answer.headers["Cache-Control"]) == ("application/manifest+json", True)
    manifest = json.loads(answer.data)
    assert manifest["name"] == title
    assert [urljoin(f"/{path}", manifest[key]) for key in ("start_url", "scope")] == ["/board", "/board"]
    for icon in manifest["icons"]:
        answer = client.get(urljoin(f"/{path}", icon["src"]))
        assert (answer.status_code, answer.mimetype) == (200, icon["type"])


def test_another_title_has_other_paths_so_that_no_browser_keeps_the_manifest_of_the_one_before(configured):
    def paths_of(title):
        return set(re.findall('"(board/.*?)"', configured(BOARD_TITLE=title).get("/board").text))

    assert paths_of("Mentors") == paths_of("Mentors")
    assert paths_of("Mentors") & paths_of("Peers") == set()


NO_FILES = ["nothing.js", "lit-html", "lit-html/", "lit-html/LICENSE", "lit-html/SHA256SUMS", "lit-html/lit-html.js/"]
OUTSIDE = ["../board.html", "../docs.js", "lit-html/../board.js", "./board.js", "/board.js", "..%2Fdocs.js"]


@pytest.mark.parametrize("name", [*NO_FILES, *OUTSIDE])
def test_nothing_else_is_served_among_the_files_and_no_cache_keeps_that(client, name):
    answer = client.get("/", environ_overrides={"PATH_INFO": f"/board/{BOARD_DIGEST}/{name}"})
    assert (answer.status_code, answer.headers.getlist("Cache-Control")) == (404, ["no-cache"])
    assert client.get("/board/board.js").status_code == 404  # without a digest
