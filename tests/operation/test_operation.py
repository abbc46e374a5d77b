"""Tokens, health, what the log tells and what it never tells, and what a browser is told."""

import dataclasses
import re
import select
from hashlib import sha256

import pytest

import migrations
from app import create_app
from db import db
from db.statements import Statement
from settings import Settings, SettingsError

MENTORS = "/api/v1/mentor-statuses"
BEHIND_THE_BASE = f"{MENTORS}{MENTORS}"
WRITER, READER = "w" * 16, "r" * 16
# The third item is the hash of an empty text: it lets nobody in.
TOKENS = f"coordinator:{WRITER},dashboard:{READER}:read,nobody:sha256={sha256(b'').hexdigest()}"
CANARY = "canary-7f3a"


@pytest.fixture
def closed(app, client, monkeypatch):
    """Have the app ask for tokens."""
    tokens = Settings.from_environ({"API_TOKENS": TOKENS}).api_tokens
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], api_tokens=tokens))
    monkeypatch.setattr(app, "test_client_class", None)  # the description of this app was made without tokens
    return app.test_client()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# --- tokens


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (bearer(WRITER), 200),
        (bearer(READER), 200),
        ({"Authorization": f"bearer {READER}"}, 200),
        (bearer(WRITER[:-1]), 401),
        (bearer(""), 401),
        (bearer("ä" * 16), 401),
        ({"Authorization": f"Basic {WRITER}"}, 401),
        ({"Authorization": WRITER}, 401),
        ({}, 401),
    ],
)
def test_a_known_token_is_let_in_and_no_other(closed, headers, status):
    for path in (MENTORS, BEHIND_THE_BASE):
        assert closed.get(path, headers=headers).status_code == status


def test_a_token_that_only_reads_may_not_write_and_the_writers_name_stands_in_the_history(closed):
    sent = {"mentor_id": "ada", "metadata": {"initiated_by": "somebody else"}}
    refused = closed.post(MENTORS, json=sent, headers=bearer(READER))
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert closed.post(MENTORS, json=sent, headers=bearer(WRITER)).status_code == 201
    history = closed.get(f"{MENTORS}/ada/history", headers=bearer(READER)).json["data"]
    assert history[0]["changed_by"] == "coordinator"


def test_a_405_comes_before_a_401_and_a_401_before_anything_else(closed):
    assert closed.patch(MENTORS).status_code == 405
    assert closed.post(MENTORS, data="{", content_type="text/plain").status_code == 401
    assert closed.get("/api/v1/nothing").status_code == 401
    assert closed.options(MENTORS).status_code == 401


@pytest.mark.parametrize(
    "value", ["x", "name:short", f"name:{WRITER}:write", f"a:{WRITER},b:{WRITER}", f":{WRITER}", f"a:{WRITER},,"]
)
def test_malformed_tokens_are_refused_without_being_printed(value):
    with pytest.raises(SettingsError, match=r"\AAPI_TOKENS: [^\n]+\Z") as refusal:
        Settings.from_environ({"API_TOKENS": value})
    assert WRITER not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"), [("CORS_ORIGINS", "example.org"), ("CORS_ORIGINS", "http://[::1"), ("LOG_LEVEL", "LOUD")]
)
def test_other_malformed_settings_are_refused(name, value):
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ({name: value})


@pytest.mark.parametrize("value", ["https://app.example:443", "https://app.example,http://localhost:80"])
def test_an_origin_with_a_default_port_is_refused_since_browsers_leave_it_out(value):
    with pytest.raises(SettingsError, match="default port"):
        Settings.from_environ({"CORS_ORIGINS": value})
    others = Settings.from_environ({"CORS_ORIGINS": "https://app.example:8443,http://localhost:443"})
    assert others.cors_origins == ("https://app.example:8443", "http://localhost:443")


# --- health


def test_with_a_pending_migration_readyz_is_a_503_and_livez_a_200(client, monkeypatch):
    assert client.get("/livez").json == client.get("/readyz").json == {"status": "ok"}
    monkeypatch.setattr(migrations, "pending", lambda: ["0002_more"])
    unready = client.get("/readyz")
    assert (unready.status_code, unready.json["code"]) == (503, "unavailable")
    assert client.get("/livez").status_code == 200


# --- the log


def test_a_request_is_one_line_without_the_values_of_its_query(client, lines):
    client.get(f"{MENTORS}?mentor_id={CANARY}", headers={"X-Request-ID": "abc"})
    assert len(lines) == 1
    assert re.fullmatch(rf"INFO method=GET path={MENTORS} status=200 ms=[0-9.]+ request_id=abc", lines[0])


def test_probes_are_not_logged(client, lines):
    client.get("/livez")
    client.get("/readyz")
    assert lines == []


def test_a_probe_that_is_refused_is_one_line(client, lines):
    client.post("/metrics", headers={"X-Request-ID": "abc"})
    assert len(lines) == 1
    assert re.fullmatch("INFO method=POST path=/metrics status=405 ms=[0-9.]+ request_id=abc", lines[0])


def test_a_path_cannot_forge_a_line(client, lines):
    client.get(f"{MENTORS}/a%0Amethod=GET%20status=200")
    assert "\n" not in lines[0]
    assert lines[0].count(" ") == 5


def test_a_line_stays_short_enough_to_be_written_in_one_piece(client, lines):
    client.get(f"{MENTORS}/{'a' * 8000}")
    assert len(lines[0]) < select.PIPE_BUF


def test_no_value_of_a_request_is_ever_logged_not_even_by_a_fault(app, client, lines, monkeypatch):
    def fail(self, values):
        raise RuntimeError(f"failing row contains {values} {CANARY}")

    sent = {"mentor_id": "ada", "status": "paused", "pause_reason": CANARY, "metadata": {"notes": CANARY}}
    client.post(MENTORS, json=sent, headers=bearer(CANARY))
    client.put(f"{MENTORS}/ada", json=sent | {"pause_start_date": CANARY})
    monkeypatch.setattr(Statement, "fill", fail)
    monkeypatch.setattr(app, "testing", False)
    failed = client.put(f"{MENTORS}/ada", json=sent, headers={"X-Request-ID": "abc"})
    assert failed.status_code == 500
    assert CANARY not in failed.text
    assert any("error=RuntimeError cause=None request_id=abc" in line for line in lines)
    assert not any(CANARY in line for line in lines)


# --- what a browser is told

ONE_DATABASE = pytest.mark.parametrize("app", ["sqlite"], indirect=True)  # no database knows of origins


def test_every_answer_has_nosniff_and_no_cache_and_allows_no_other_origin(client):
    for path in (MENTORS, "/docs", "/docs/docs.js", "/nothing"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers.getlist("Cache-Control") == ["no-cache"]
    assert "Access-Control-Allow-Origin" not in client.get(MENTORS, headers={"Origin": "https://a.example"}).headers


@pytest.fixture
def shared(app, closed):
    """Return a client of an app that asks for tokens, and that pages from three origins may ask."""
    origins = "https://a.example", "https://c.example", "http://[fd00::1]:3000"
    settings = dataclasses.replace(app.config["SETTINGS"], cors_origins=origins)
    db.close_all()  # the other app opens the same database anew, for both
    return create_app(settings, clock=app.config["CLOCK"]).test_client()


@ONE_DATABASE
@pytest.mark.parametrize("origin", ["https://a.example", "http://[fd00::1]:3000"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_page_from_a_known_origin_may_ask_for_every_method_without_a_token(shared, method, origin):
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    asked["Access-Control-Request-Headers"] = "authorization, content-type, if-match"
    told = shared.options(f"{MENTORS}/ada", headers=asked).headers
    assert told["Access-Control-Allow-Origin"] == origin
    assert method in told["Access-Control-Allow-Methods"].split(", ")
    assert {"authorization", "content-type", "if-match"} <= set(
        told["Access-Control-Allow-Headers"].lower().split(", ")
    )


@ONE_DATABASE
@pytest.mark.parametrize("origin", ["https://b.example", "http://[fd00::1]:30000", "http://f:3000"])
def test_a_request_from_an_unknown_origin_is_answered_without_cors_headers(shared, origin):
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    assert "Access-Control-Allow-Origin" not in shared.options(MENTORS, headers=asked).headers
    answered = shared.get(MENTORS, headers={"Origin": origin} | bearer(READER))
    assert answered.status_code == 200
    assert "Access-Control-Allow-Origin" not in answered.headers


@ONE_DATABASE
@pytest.mark.parametrize(("headers", "status"), [(bearer(READER), 200), ({}, 401)])
def test_a_page_may_read_the_headers_that_matter_also_of_a_problem(shared, headers, status):
    response = shared.get(MENTORS, headers={"Origin": "https://a.example"} | headers)
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == "https://a.example"
    exposed = set(response.headers["Access-Control-Expose-Headers"].split(", "))
    named = {"ETag", "Link", "Location", "Retry-After", "X-Request-ID", "Idempotent-Replayed", "History-Entry"}
    assert named <= exposed


@ONE_DATABASE
@pytest.mark.parametrize("origins", [("*",), ("https://a.example",), ("https://a.example", "https://c.example")])
@pytest.mark.parametrize("origin", [None, "https://a.example", "https://evil.example"])
def test_no_cache_takes_an_answer_to_one_origin_for_that_to_another(app, client, origins, origin):
    db.close_all()  # the other app opens the same database anew, for both
    shared = create_app(dataclasses.replace(app.config["SETTINGS"], cors_origins=origins)).test_client()
    headers = {"Origin": origin} if origin else {}
    etag = shared.get(MENTORS).headers["ETag"]
    answers = [shared.get(path, headers=headers) for path in (MENTORS, "/", "/board", "/board/", "/nothing")]
    answers.append(shared.get(MENTORS, headers=headers | {"If-None-Match": etag}))
    answers.append(shared.options(MENTORS, headers=headers))
    for answered in answers:
        vary = [name.strip() for value in answered.headers.getlist("Vary") for name in value.split(",")]
        assert vary == (["Accept", "Origin"] if answered.request.path == "/" else ["Origin"])
        answered.close()
