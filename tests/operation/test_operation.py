"""Tokens, health, what the log tells and what it never tells, and what a browser is told."""

import re
import select
from hashlib import sha256

import pytest

import migrations
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
