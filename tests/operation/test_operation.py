"""Tokens, health, what the log tells and what it never tells, and what a browser is told."""

import dataclasses
import re
import select
from hashlib import sha256

import pytest

import migrations
from app import create_app
from db import db
from tests.support.databases import ON_SQLITE

MENTORS = "/api/v1/mentor-statuses"
WRITER, READER = "w" * 16, "r" * 16
# The third item is the hash of an empty text: it lets nobody in.
TOKENS = f"coordinator:{WRITER},dashboard:{READER}:read,nobody:sha256={sha256(b'').hexdigest()}"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# --- tokens; api/test_access.py says who may do what


@pytest.fixture
def client_with_two_tokens(client, configured):
    """Have the app ask for tokens."""
    return configured(API_TOKENS=TOKENS)


@ON_SQLITE
@pytest.mark.parametrize(
    ("sent", "status"),
    [(f"bearer {READER}", 200), (f"Bearer {WRITER[:-1]}", 401), ("Bearer ", 401), (f"Bearer {'ä' * 16}", 401)],
)
def test_the_scheme_has_any_case_and_no_token_but_a_known_one_opens(client_with_two_tokens, sent, status):
    assert client_with_two_tokens.get(MENTORS, headers={"Authorization": sent}).status_code == status


@ON_SQLITE
def test_the_name_of_the_token_stands_in_the_history_whatever_the_body_says(client_with_two_tokens):
    sent = {"mentor_id": "ada", "metadata": {"initiated_by": "somebody else"}}
    assert client_with_two_tokens.post(MENTORS, json=sent, headers=bearer(WRITER)).status_code == 201
    history = client_with_two_tokens.get(f"{MENTORS}/ada/history", headers=bearer(READER)).json["data"]
    assert history[0]["changed_by"] == "coordinator"


@ON_SQLITE
def test_a_405_comes_before_a_401(client_with_two_tokens):
    assert client_with_two_tokens.patch(MENTORS).status_code == 405


# --- health


def test_with_a_pending_migration_readyz_is_a_503_and_livez_a_200(client, monkeypatch):
    assert client.get("/livez").json == client.get("/readyz").json == {"status": "ok"}
    monkeypatch.setattr(migrations, "pending", lambda: ["0002_more"])
    unready = client.get("/readyz")
    assert (unready.status_code, unready.json["code"]) == (503, "unavailable")
    assert unready.json["detail"] == "The database is not migrated; run flask --app app migrate."
    assert client.get("/livez").status_code == 200


# --- the log


@ON_SQLITE
@pytest.mark.parametrize(
    ("method", "path", "logged"),
    [
        ("GET", f"{MENTORS}?mentor_id=ada", f"path={MENTORS} status=200"),
        ("GET", "/livez", None),  # a probe
        ("GET", "/readyz", None),
        ("POST", "/metrics", "path=/metrics status=405"),  # a probe that is refused
        ("GET", f"{MENTORS}/a%0Amethod=GET%20status=200", r"path=\S+ status=404"),
        ("GET", f"{MENTORS}/{'a' * 8000}", r"path=\S+ status=404"),
    ],
)
def test_a_request_is_one_short_line_without_the_values_of_its_query(client, lines, method, path, logged):
    client.open(path, method=method, headers={"X-Request-ID": "abc"})
    assert len(lines) == (logged is not None)
    for line in lines:
        assert re.fullmatch(rf"INFO method={method} {logged} ms=[0-9.]+ request_id=abc", line)
        assert len(line) < select.PIPE_BUF  # so that it is written in one piece


# --- what a browser is told


@ON_SQLITE
def test_every_answer_has_nosniff_and_no_cache_and_allows_no_other_origin(client):
    for path in (MENTORS, "/docs", "/docs/docs.js", "/nothing"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers.getlist("Cache-Control") == ["no-cache"]
    assert "Access-Control-Allow-Origin" not in client.get(MENTORS, headers={"Origin": "https://a.example"}).headers


@pytest.fixture
def shared_with(app):
    """Return a function that builds the app anew, gives it these origins, and returns a client of it."""

    def build(*origins):
        settings = dataclasses.replace(app.config["SETTINGS"], cors_origins=origins)
        db.close_all()  # the other app opens the same database anew, for both
        return create_app(settings, clock=app.config["CLOCK"]).test_client()

    return build


KNOWN = "https://a.example", "http://[fd00::1]:3000"
ASKED_FOR = {"authorization", "content-type", "if-match"}  # headers of a request
EXPOSED = {"ETag", "Link", "Location", "Retry-After", "X-Request-ID", "Idempotent-Replayed", "History-Entry"}


def words(value):
    return set(value.split(", "))


def preflight(client, origin, method):
    """Return the headers of the answer to a browser that asks whether a page may send such a request."""
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": ", ".join(ASKED_FOR)}
    return client.options(f"{MENTORS}/ada", headers={"Origin": origin} | asked).headers


@ON_SQLITE
@pytest.mark.parametrize("origin", KNOWN)
def test_a_page_of_a_known_origin_may_ask_without_a_token_and_read_what_matters(
    client_with_two_tokens, shared_with, origin
):
    shared = shared_with(*KNOWN)
    for method in ("GET", "POST", "PUT", "DELETE"):
        told = preflight(shared, origin, method)
        assert told["Access-Control-Allow-Origin"] == origin
        assert method in words(told["Access-Control-Allow-Methods"])
        assert words(told["Access-Control-Allow-Headers"].lower()) >= ASKED_FOR
    for headers, status in ((bearer(READER), 200), ({}, 401)):  # also of a problem
        answered = shared.get(MENTORS, headers={"Origin": origin} | headers)
        assert (answered.status_code, answered.headers["Access-Control-Allow-Origin"]) == (status, origin)
        assert words(answered.headers["Access-Control-Expose-Headers"]) >= EXPOSED


@ON_SQLITE
@pytest.mark.parametrize("origin", ["https://b.example", "http://[fd00::1]:30000", "http://f:3000"])
def test_a_page_of_another_origin_may_read_nothing(client, shared_with, origin):
    shared = shared_with(*KNOWN)
    for told in (preflight(shared, origin, "GET"), shared.get(MENTORS, headers={"Origin": origin}).headers):
        assert "Access-Control-Allow-Origin" not in told


@ON_SQLITE
@pytest.mark.parametrize("origins", [("*",), KNOWN[:1], KNOWN])
@pytest.mark.parametrize("origin", [None, "https://a.example", "https://evil.example"])
def test_no_cache_takes_an_answer_to_one_origin_for_that_to_another(client, shared_with, origins, origin):
    shared = shared_with(*origins)
    headers = {"Origin": origin} if origin else {}
    etag = shared.get(MENTORS).headers["ETag"]
    answers = [shared.get(path, headers=headers) for path in (MENTORS, "/", "/board", "/board/", "/nothing")]
    answers.append(shared.get(MENTORS, headers=headers | {"If-None-Match": etag}))
    answers.append(shared.options(MENTORS, headers=headers))
    for answered in answers:
        vary = [name.strip() for value in answered.headers.getlist("Vary") for name in value.split(",")]
        of_path = {"/": ["Accept"], "/board": ["Accept-Encoding"]}.get(answered.request.path, [])
        assert vary == [*of_path, "Origin"]
        answered.close()
