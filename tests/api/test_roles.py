"""Who may do what: every role against every route and method, and what each role is shown."""

import dataclasses
from hashlib import sha256
from itertools import product

import pytest

from reads.serializers import MENTOR_STATUS, encode, etag_of
from routes import mentor_statuses
from schemas import Strict
from settings import FULL, ROLES, Settings
from web.auth import EVERYONE
from web.middleware import BASE
from web.requests import accepts

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
MENTOR, RECORD = f"{MENTORS}/ada", f"{RECORDS}/pause-rec-0001"
REASON = "a private illness"
TOKENS = {role: f"{role}-token-of-16-or-more" for role in ("all", "read", "status", "feed")}
API_TOKENS = ",".join(f"{role}:{secret}{'' if role == 'all' else f':{role}'}" for role, secret in TOKENS.items())
# The roles that may ask, besides that of a token without a role; this repeats the views' own roles by method and path.
MAY = {
    f"GET {MENTORS}": {"read", "status"},
    f"POST {MENTORS}": set(),
    f"GET {MENTOR}": {"read", "status"},
    f"PUT {MENTOR}": set(),
    f"DELETE {MENTOR}": set(),
    f"GET {MENTOR}/history": {"read"},
    "GET /api/v1/history": {"read"},
    "GET /api/v1/digest": {"read"},
    f"GET {RECORDS}": {"read"},
    f"GET {RECORDS}.ics": {"read"},
    "GET /api/v1/statistics": {"read"},
    "GET /api/v1/statistics.csv": {"read"},
    f"GET {MENTORS}.csv": {"read"},
    f"POST {MENTORS}.csv": set(),
    f"GET {RECORDS}.csv": {"read"},
    f"POST {RECORDS}.csv": set(),
    f"POST {RECORDS}": set(),
    f"GET {RECORD}": {"read"},
    f"PUT {RECORD}": set(),
    f"DELETE {RECORD}": set(),
}
OPEN = {"/", "/livez", "/readyz", "/openapi.json", "/board", "/board/board.js", "/docs", "/docs/docs.js"}


@pytest.fixture
def closed(app, client, monkeypatch):
    """Return a client of the app, which asks for tokens; mentor ada is paused (pause-rec-0001)."""
    assert (
        client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_reason": REASON}).status_code == 201
    )
    tokens = Settings.from_environ({"API_TOKENS": API_TOKENS}).api_tokens
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], api_tokens=tokens))
    monkeypatch.setattr(app, "test_client_class", None)  # the description of this app was made without tokens
    return app.test_client()


def bearer(role):
    return {"Authorization": f"Bearer {TOKENS[role]}"}


def routes(app):
    """Return each method and path of the app, as in MAY."""
    values = {"<mentor_id>": "ada", "<pause_record_id>": "pause-rec-0001", "<name>": "docs.js"}
    for rule in app.url_map.iter_rules():
        path = rule.rule
        if path == "/board/<name>":
            path = "/board/board.js"
        for name, value in values.items():
            path = path.replace(name, value)
        (method,) = rule.methods - {"HEAD", "OPTIONS"}
        yield method, path


def test_every_route_is_in_the_table_above(app):
    elsewhere = OPEN | {"/metrics"}  # which has one spelling: operation/test_metrics.py asks for it in each role
    found = {f"{method} {path}" for method, path in routes(app) if path not in elsewhere}
    assert found == MAY.keys()


@pytest.mark.parametrize("prefix", ["", BASE])
@pytest.mark.parametrize("route", MAY)
@pytest.mark.parametrize("role", TOKENS)
def test_a_role_may_do_what_the_table_says_and_nothing_else(closed, rows, route, role, prefix):
    method, path = route.split()
    before = [rows(table) for table in ("mentor_status", "pause_record", "history_entry")]
    body = {} if method in ("PUT", "POST") else None
    for each in (method, "HEAD") if method == "GET" else (method,):
        answered = closed.open(prefix + path, method=each, headers=bearer(role), json=body)
        if role == "all" or role in MAY[route]:
            assert answered.status_code in (200, 415, 422), answered.text  # 415: a table is not sent as JSON
        else:
            assert answered.status_code == 403
            assert [rows(table) for table in ("mentor_status", "pause_record", "history_entry")] == before
            assert each == "HEAD" or (answered.json["code"], "This token may only" in answered.json["detail"]) == (
                "forbidden",
                True,
            )


def test_the_hash_of_a_token_is_no_token(app, closed, monkeypatch):
    digest = sha256(TOKENS["all"].encode()).hexdigest()
    tokens = Settings.from_environ({"API_TOKENS": f"ada:sha256={digest}"}).api_tokens
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], api_tokens=tokens))
    for secret, status in ((TOKENS["all"], 200), (digest, 401), (f"sha256={digest}", 401)):
        assert closed.get(MENTORS, headers={"Authorization": f"Bearer {secret}"}).status_code == status


def test_a_request_without_a_good_token_is_told_how_to_send_one(closed):
    for sent in ("", "Bearer another-token-of-nobody", f"Basic {TOKENS['all']}", TOKENS["all"]):
        answered = closed.get(MENTORS, headers={"Authorization": sent} if sent else {})
        assert answered.status_code == 401
        assert answered.headers["WWW-Authenticate"].startswith("Bearer realm=")


@pytest.mark.parametrize("prefix", ["", BASE])
@pytest.mark.parametrize("route", MAY)
def test_a_token_in_the_address_opens_the_calendar_alone_and_that_of_the_role_feed_alone(closed, route, prefix):
    method, path = route.split()
    body = {} if method in ("PUT", "POST") else None
    for role, secret in TOKENS.items():
        answered = closed.open(f"{prefix}{path}?token={secret}", method=method, json=body)
        is_open = role == "feed" and route == f"GET {RECORDS}.ics"
        assert answered.status_code == (200 if is_open else 401), role


@pytest.mark.parametrize("path", sorted(OPEN))
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer of-nothing"}])
def test_what_is_open_to_everyone_asks_for_no_token(closed, path, headers):
    assert closed.get(path, headers=headers, buffered=True).status_code == 200
    assert "GET" in closed.options(path, headers=headers).headers["Allow"]


def methods(response):
    assert response.status_code == 200
    return set(response.headers["Allow"].split(", "))


@pytest.mark.parametrize("prefix", ["", BASE])
@pytest.mark.parametrize("path", sorted({route.split()[1] for route in MAY}))
def test_allow_of_options_has_what_the_role_may_do(closed, path, prefix):
    of_path = {route.split()[0]: may for route, may in MAY.items() if route.split()[1] == path}
    for role in TOKENS:
        may = {method for method, roles_ in of_path.items() if role == "all" or role in roles_}
        expected = may | {"OPTIONS"} | ({"HEAD"} if "GET" in may else set())
        assert methods(closed.options(prefix + path, headers=bearer(role))) == expected, role
    for headers in ({}, {"Authorization": "Bearer unknown-token-of-16"}):
        assert closed.options(prefix + path, headers=headers).status_code == 401
    preflight = {"Access-Control-Request-Method": "PUT", "Authorization": "Bearer unknown-token-of-16"}
    assert methods(closed.options(prefix + path, headers=preflight)) == {*of_path, "HEAD", "OPTIONS"}
    assert set(closed.patch(path, headers=bearer("status")).headers["Allow"].split(", ")) == {
        *of_path,
        "HEAD",
        "OPTIONS",
    }


def test_options_without_tokens_allows_all_methods(client):
    assert methods(client.options(MENTOR)) == {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}
    assert client.options("/api/v1/nothing").status_code == 404


# --- the role status


def write_reasons_everywhere(closed):
    """Write the reason into every text that the database keeps."""

    def write(method, path, body=None):
        metadata = {"initiated_by": REASON, "notes": REASON, "more": [{"deep": [REASON]}]}
        answered = closed.open(path, method=method, headers=bearer("all"), json=body and body | {"metadata": metadata})
        assert answered.status_code in (200, 201), answered.text

    write("PUT", MENTOR, {"pause_reason": REASON})
    for start, end in (("2025-01-01", "2025-02-01"), ("2030-01-01", None)):
        write("POST", RECORDS, {"mentor_id": "ada", "start_date": start, "end_date": end, "reason": REASON})
    for mentor_id in ("eve", "gone"):
        write("POST", MENTORS, {"mentor_id": mentor_id, "status": "paused", "pause_reason": REASON})
    write("DELETE", f"{MENTORS}/gone")


def test_no_route_tells_a_status_token_a_reason(app, closed):
    write_reasons_everywhere(closed)
    queries = ("", "?after=", "?as_of=2025-01-15", "?sort=pause_reason", f"?reason={REASON}")
    bodies = {"POST": {"mentor_id": "ada", "reason": REASON}, "PUT": {"pause_reason": REASON}}
    for method, path in routes(app):
        may = path in OPEN or "status" in MAY.get(f"{method} {path}", ())
        for query, prefix, asked in product(queries, ("", BASE), {method, "HEAD" if method == "GET" else method}):
            if prefix and not path.startswith("/api/"):
                continue
            answered = closed.open(
                prefix + path + query, method=asked, headers=bearer("status"), json=bodies.get(method), buffered=True
            )
            if not may:
                assert answered.status_code == 403, (method, path)
            elif not query:
                assert answered.status_code == 200, (method, path)
            assert REASON not in answered.text + str(answered.headers), (method, path, query)
    shown = closed.get(MENTOR, headers=bearer("status"))
    assert (shown.json["is_paused"], shown.json["pause_reason"]) == (True, None)
    assert list(shown.json) == list(closed.get(MENTOR, headers=bearer("read")).json)


def test_a_list_that_gains_the_reason_does_not_show_it_to_a_status_token(closed, monkeypatch):
    monkeypatch.setattr(mentor_statuses, "MENTOR_STATUS_IN_LIST", MENTOR_STATUS)
    for role, reason in (("read", REASON), ("status", None)):
        (mentor,) = closed.get(f"{MENTORS}?after=", headers=bearer(role)).json["data"]
        assert mentor["pause_reason"] == reason


def test_no_guess_of_the_reason_gives_the_etag_that_a_status_token_is_shown(closed):
    whole, shown = (closed.get(MENTOR, headers=bearer(role)) for role in ("read", "status"))
    assert etag_of(encode(whole.json)) == whole.headers["ETag"].strip('"')
    assert etag_of(encode(shown.json)) == shown.headers["ETag"].strip('"') != whole.headers["ETag"].strip('"')
    for etag, status in ((whole.headers["ETag"], 200), (shown.headers["ETag"], 304)):
        assert closed.get(MENTOR, headers=bearer("status") | {"If-None-Match": etag}).status_code == status


# --- the declarations


def test_a_view_cannot_be_declared_without_its_roles():
    with pytest.raises(TypeError, match="roles"):
        accepts(query=Strict)


def test_each_view_names_roles_that_there_are_or_is_open(app):
    for name, view in app.view_functions.items():
        assert view.roles == EVERYONE or view.roles <= {FULL, *ROLES}, name


def test_a_view_has_one_method_so_that_its_roles_are_of_one_route_and_method(app):
    found = list(routes(app))
    assert len(found) == len({rule.endpoint for rule in app.url_map.iter_rules()})


@pytest.mark.parametrize("value", ["a:sixteen-characters:all", "a:sixteen-characters:READ", "a:sixteen-characters:"])
def test_an_unknown_role_stops_the_start(value):
    with pytest.raises(Exception, match=r"API_TOKENS: item 1 is wrong; write .* ROLE one of read, status, feed\."):
        Settings.from_environ({"API_TOKENS": value})
