"""Files and pages are sent compressed to a client that takes gzip; answers of the API are not."""

import gzip

import pytest

from routes import site
from settings import Settings
from tests.support.databases import ON_SQLITE

pytestmark = ON_SQLITE
DIGEST = site.make_site(Settings()).digest
BOARD_FILES = [f"/board/{DIGEST}/{name}" for name in ("board.js", "board.css", "icon.svg", "manifest.webmanifest")]
FILES = ["/board", *BOARD_FILES, "/docs", "/docs/docs.js", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"]
MENTOR = "/api/v1/mentor-statuses/ada"
API = ["/", "/openapi.json", "/api/v1/mentor-statuses", MENTOR, f"{MENTOR}/history", "/api/v1/mentor-statuses.csv"]
TAKEN = ["gzip", "GZIP", "gzip, deflate, br, zstd", "*", "gzip;q=0.1", "identity;q=0.5, gzip", "br, *;q=0.1"]
REFUSED = [
    None,
    "",
    "br",
    "gzip;q=0",
    "gzip;q=0.0, *",
    "*;q=0",
    "identity, gzip;q=0.5",
    "gzip;q=x",
    "a, " * 400 + "gzip",
]


def accepting(coding, **more):
    return ({} if coding is None else {"Accept-Encoding": coding}) | more


def get_front(client, **headers):
    return client.get("/", headers={"Accept": "text/html"} | headers)


@pytest.mark.parametrize("path", FILES)
def test_each_coding_of_a_file_has_its_own_etag_and_a_304_names_the_header_that_chose_it(client, path):
    plain, gzipped = (client.get(path, headers=accepting(coding)) for coding in (None, "gzip"))
    assert (plain.headers.get("Content-Encoding"), gzipped.headers["Content-Encoding"]) == (None, "gzip")
    assert gzip.decompress(gzipped.data) == plain.data
    assert gzipped.content_length == len(gzipped.data) < len(plain.data)
    assert gzipped.headers["Content-Type"] == plain.headers["Content-Type"]
    etags = {None: plain.headers["ETag"], "gzip": gzipped.headers["ETag"]}
    assert len(set(etags.values())) == 2
    for coding, etag in etags.items():
        for known in etags.values():
            again = client.get(path, headers=accepting(coding, **{"If-None-Match": known}))
            assert (again.status_code, again.headers["ETag"]) == (304 if known == etag else 200, etag)
            assert again.headers["Vary"] == "Accept-Encoding"
            assert again.headers.getlist("Cache-Control") == plain.headers.getlist("Cache-Control")
            assert again.headers.get("Content-Encoding") == (None if known == etag else coding)
        head = client.head(path, headers=accepting(coding))
        assert (head.data, head.headers["ETag"], head.headers.get("Content-Encoding")) == (b"", etag, coding)


@pytest.mark.parametrize(("codings", "is_gzipped"), [(TAKEN, True), (REFUSED, False)], ids=["taken", "refused"])
def test_a_client_gets_no_coding_that_it_refuses_or_likes_less(client, codings, is_gzipped):
    for coding in codings:
        for answered in (client.get("/board", headers=accepting(coding)), get_front(client, **accepting(coding))):
            assert (coding, answered.headers.get("Content-Encoding") == "gzip") == (coding, is_gzipped)


def test_the_front_for_browsers_depends_on_both_headers(client):
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        answered = get_front(client, **headers)
        assert answered.headers["Vary"] == "Accept, Accept-Encoding"
        again = get_front(client, **headers, **{"If-None-Match": answered.headers["ETag"]})
        assert (again.status_code, again.headers["Vary"]) == (304, "Accept, Accept-Encoding")


@pytest.mark.parametrize("path", API)
def test_no_answer_of_the_api_is_compressed_since_its_length_would_tell_of_a_secret(client, pause, path):
    pause(reason="x" * 200)
    plain, accepted = (client.get(path, headers=accepting(coding)) for coding in (None, "gzip"))
    assert (accepted.status_code, accepted.headers.get("Content-Encoding"), accepted.data) == (200, None, plain.data)
    assert "Accept-Encoding" not in accepted.headers.get("Vary", "")


@pytest.mark.parametrize("path", [f"/board/{DIGEST}/nothing.js", "/docs/nothing.js"])
def test_a_refusal_is_not_compressed(client, path):
    refusal = client.get(path, headers=accepting("gzip"))
    assert (refusal.status_code, refusal.json["code"]) == (404, "not_found")
