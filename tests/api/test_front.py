"""`/` for browsers and for programs: the same path, each in its own form."""

import dataclasses
import re

import pytest

from settings import VERSION

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


@pytest.mark.parametrize("url", [None, "https://app.example/people/{mentor_id}"])
def test_the_front_says_where_a_mentor_is_shown_outside_of_this_service(app, client, monkeypatch, url):
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], mentor_url=url))
    assert client.get("/").json["mentor_url"] == url


def test_each_form_has_an_etag_of_its_own(client):
    page, answer = client.get("/", headers={"Accept": CHROMIUM}), client.get("/")
    assert page.headers["ETag"] != answer.headers["ETag"]
    for accept, etag, status in [
        (CHROMIUM, page.headers["ETag"], 304),
        (CHROMIUM, answer.headers["ETag"], 200),
        ("*/*", page.headers["ETag"], 200),
    ]:
        assert client.get("/", headers={"Accept": accept, "If-None-Match": etag}).status_code == status
