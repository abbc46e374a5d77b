"""Who may do what: every role against every route and method, and what each role is shown."""

from hashlib import sha256

import pytest

from reads.serializers import MENTOR_STATUS
from routes import mentor_statuses
from settings import FULL, ROLES
from tests.support.databases import ON_SQLITE
from web.auth import EVERYONE
from web.middleware import BASE

pytestmark = ON_SQLITE
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
    "GET /api/v1/calendar-address": {"read"},
    "POST /api/v1/history/undo": set(),
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
OPEN = {"/", "/livez", "/readyz", "/openapi.json", "/board", "/board/DIGEST/board.js", "/docs", "/docs/docs.js"}


@pytest.fixture
def closed(client, configured):
    """Return a client of the app, which asks for tokens; mentor ada is paused (pause-rec-0001)."""
    sent = {"mentor_id": "ada", "status": "paused", "pause_reason": REASON}
    assert client.post(MENTORS, json=sent).status_code == 201
    return configured(API_TOKENS=API_TOKENS)


def bearer(role):
    return {"Authorization": f"Bearer {TOKENS[role]}"}


def routes(app):
    """Return each method and path of the app, as in MAY."""
    values = {"<mentor_id>": "ada", "<pause_record_id>": "pause-rec-0001", "<name>": "docs.js"}
    for rule in app.url_map.iter_rules():
        path = rule.rule
        if path == "/board/<digest>/<path:name>":
            path = "/board/DIGEST/board.js"
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
def test_a_role_may_do_what_the_table_says_and_nothing_else(closed, state, route, role, prefix):
    method, path = route.split()
    before = state()
    body = {} if method in ("PUT", "POST") else None
    for each in (method, "HEAD") if method == "GET" else (method,):
        answered = closed.open(prefix + path, method=each, headers=bearer(role), json=body)
        if role == "all" or role in MAY[route]:
            assert answered.status_code in (200, 400, 422), answered.text  # 400: JSON is no table
        else:
            assert answered.status_code == 403
            assert state() == before
            assert each == "HEAD" or (answered.json["code"], "This token may only" in answered.json["detail"]) == (
                "forbidden",
                True,
            )


def test_the_hash_of_a_token_is_no_token(configured):
    digest = sha256(TOKENS["all"].encode()).hexdigest()
    client = configured(API_TOKENS=f"ada:sha256={digest}")
    for secret, status in ((TOKENS["all"], 200), (digest, 401), (f"sha256={digest}", 401)):
        assert client.get(MENTORS, headers={"Authorization": f"Bearer {secret}"}).status_code == status


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
    every = {*of_path, "OPTIONS"} | ({"HEAD"} if "GET" in of_path else set())
    assert methods(closed.options(prefix + path, headers=preflight)) == every
    assert set(closed.patch(path, headers=bearer("status")).headers["Allow"].split(", ")) == every


def test_options_without_tokens_allows_all_methods(client):
    assert methods(client.options(MENTOR)) == {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}
    assert client.options("/api/v1/nothing").status_code == 404


# --- the role status


def test_a_list_that_gains_the_reason_does_not_show_it_to_a_status_token(closed, monkeypatch):
    monkeypatch.setattr(mentor_statuses, "MENTOR_STATUS_IN_LIST", MENTOR_STATUS)
    for role, reason in (("read", REASON), ("status", None)):
        (mentor,) = closed.get(f"{MENTORS}?after=", headers=bearer(role)).json["data"]
        assert mentor["pause_reason"] == reason


# --- the declarations


def test_each_view_names_roles_that_there_are_or_is_open(app):
    for name, view in app.view_functions.items():
        assert view.roles == EVERYONE or view.roles <= {FULL, *ROLES}, name


def test_a_view_has_one_method_so_that_its_roles_are_of_one_route_and_method(app):
    found = list(routes(app))
    assert len(found) == len({rule.endpoint for rule in app.url_map.iter_rules()})
