"""Who may do what, and from where: one table of the routes, the roles and the origins of a request."""

from hashlib import sha256
from itertools import product

import pytest

from db import db
from models import HistoryEntry, PauseRecord
from reads.serializers import MENTOR_STATUS
from routes import mentor_statuses
from settings import FULL, ROLES
from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS
from web.auth import EVERYONE
from web.middleware import BASE

pytestmark = ON_SQLITE
MENTOR, RECORD, CALENDAR = f"{MENTORS}/ada", f"{RECORDS}/pause-rec-0001", f"{RECORDS}.ics"
REASON = "a private illness"
# The roles that may ask, besides that of a token without a role; this repeats the views' own roles by method and path.
MAY = {
    f"GET {MENTORS}": {"write", "read", "status"},
    f"POST {MENTORS}": {"write"},
    f"GET {MENTOR}": {"write", "read", "status"},
    f"PUT {MENTOR}": {"write"},
    f"DELETE {MENTOR}": {"write"},
    f"GET {MENTOR}/history": {"write", "read"},
    "GET /api/v1/history": {"write", "read"},
    "GET /api/v1/digest": {"write", "read"},
    f"GET {RECORDS}": {"write", "read"},
    f"GET {CALENDAR}": {"write", "read", "feed in the address"},
    "GET /api/v1/calendar-address": {"write", "read"},
    "POST /api/v1/history/undo": {"write"},
    "GET /api/v1/statistics": {"write", "read"},
    "GET /api/v1/statistics.csv": {"write", "read"},
    f"GET {MENTORS}.csv": {"write", "read"},
    f"POST {MENTORS}.csv": {"write"},
    f"GET {RECORDS}.csv": {"write", "read"},
    f"POST {RECORDS}.csv": {"write"},
    f"POST {RECORDS}": {"write"},
    f"GET {RECORD}": {"write", "read"},
    f"PUT {RECORD}": {"write"},
    f"DELETE {RECORD}": {"write"},
}
OPEN = {"/", "/livez", "/readyz", "/openapi.json", "/board", "/board/DIGEST/board.js", "/docs", "/docs/docs.js"}
TOKENS = {role: f"{role}-token-of-16-or-more" for role in ("all", "write", "read", "status", "feed")}
API_TOKENS = ",".join(f"{role}:{secret}{'' if role == 'all' else f':{role}'}" for role, secret in TOKENS.items())


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


# The headers and the query by which a caller shows a token.
CALLERS = {
    **{role: (bearer(secret), {}) for role, secret in TOKENS.items()},
    **{f"{role} in the address": ({}, {"token": secret}) for role, secret in TOKENS.items()},
    "nobody": ({}, {}),
    "somebody unknown": (bearer("another-token-of-nobody"), {}),
    "another scheme": ({"Authorization": f"Basic {TOKENS['all']}"}, {}),
    "no scheme": ({"Authorization": TOKENS["all"]}, {}),
}
ORIGINS = {
    "a script": {},
    "the board": {"Sec-Fetch-Site": "same-origin", "Origin": "https://example.com"},
    "another page": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
}
BY_THE_VIEW = (200, 400, 422)  # nothing that is sent here is a good write


def statuses(route, caller, origin):
    """Return which statuses a request may have."""
    if origin == "another page" and not route.startswith("GET"):
        return (403,)  # whoever asks
    if caller == "all" or caller in MAY[route]:
        return BY_THE_VIEW
    return (403,) if caller in TOKENS else (401,)


@pytest.fixture
def guarded(client, configured, pause):
    """Return a client of the app, which asks for tokens; mentor ada is paused (pause-rec-0001), and so is ben."""
    pause(start_date="2026-03-01", reason=REASON)
    pause(start_date="2026-05-01", reason=REASON, expected_return_date="2026-06-01")
    assert client.post(MENTORS, json={"mentor_id": "ben", "status": "paused"}).status_code == 201
    return configured(API_TOKENS=API_TOKENS)


def routes(app):
    """Return each method and path of the app, as in MAY."""
    values = {"<mentor_id>": "ada", "<pause_record_id>": "pause-rec-0001", "<name>": "docs.js"}
    values["<digest>/<path:name>"] = "DIGEST/board.js"
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name, value in values.items():
            path = path.replace(name, value)
        (method,) = rule.methods - {"HEAD", "OPTIONS"}  # one, so that the roles of a view are of one method
        yield method, path


def test_every_route_is_in_the_table_above(app):
    elsewhere = OPEN | {"/metrics"}  # which has one spelling: operation/test_metrics.py asks for it in each role
    found = [f"{method} {path}" for method, path in routes(app) if path not in elsewhere]
    assert sorted(found) == sorted(MAY)


@pytest.mark.parametrize("prefix", ["", BASE])
@pytest.mark.parametrize("route", MAY)
def test_who_may_do_what_and_from_where(guarded, state, route, prefix):
    method, path = route.split()
    before = state()
    for (caller, (token, query)), origin in product(CALLERS.items(), ORIGINS):
        refused_by_the_view = {"unknown": "1"} if method == "DELETE" else {}
        sent = {"headers": token | ORIGINS[origin], "query_string": query | refused_by_the_view}
        sent |= {"data": "no JSON"} if method in ("PUT", "POST") else {}
        for each in (method, "HEAD") if method == "GET" else (method,):
            answered = guarded.open(prefix + path, method=each, **sent)
            assert answered.status_code in statuses(route, caller, origin), (caller, origin)
            assert ("WWW-Authenticate" in answered.headers) == (answered.status_code == 401)
            if answered.status_code in (401, 403) and each != "HEAD":
                assert answered.json["code"] == {401: "unauthorized", 403: "forbidden"}[answered.status_code]
    assert state() == before


@pytest.mark.parametrize("prefix", ["", BASE])
def test_the_role_write_may_do_all_but_erase_which_is_refused_before_anything_else_and_says_who_may(
    guarded, state, prefix
):
    def delete(path, role="write", **sent):
        return guarded.delete(prefix + path, headers=bearer(TOKENS[role]), **sent)

    before = state()
    for path in (MENTOR, f"{MENTORS}/nobody", f"{MENTORS}/no one"):
        for more in ("", "&unknown=1", "&initiated_by=ben", "&erase=false"):
            refused = delete(f"{path}?erase=true{more}", json={"metadata": {}})
            assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
            assert refused.json["detail"].endswith("send a token without a role.")
    # None of these is an erasure.
    for path in (f"{MENTOR}?erase=True", f"{MENTOR}?erase=1", f"{MENTOR}?erase=", f"{RECORD}?erase=true"):
        assert delete(path).status_code == 422
    assert guarded.get(f"{MENTOR}?erase=true", headers=bearer(TOKENS["write"])).status_code == 422
    assert state() == before
    assert delete(f"{MENTOR}?erase=false").status_code == 200
    assert guarded.get(f"{MENTOR}/history", headers=bearer(TOKENS["write"])).status_code == 200
    assert delete(f"{MENTOR}?erase=true", "all").status_code == 200
    assert guarded.get(f"{MENTOR}/history", headers=bearer(TOKENS["write"])).status_code == 404


def test_whether_there_is_a_path_is_said_to_those_who_show_a_good_token(guarded):
    assert guarded.get("/api/v1/nothing").status_code == 401
    assert guarded.get("/api/v1/nothing", headers=bearer(TOKENS["read"])).status_code == 404


@pytest.mark.parametrize("path", sorted(OPEN))
def test_what_is_open_to_everyone_asks_for_no_token(guarded, path):
    for headers in ({}, bearer("of-nothing")):
        assert guarded.get(path, headers=headers, buffered=True).status_code == 200
        assert "GET" in guarded.options(path, headers=headers).headers["Allow"]


def test_the_hash_of_a_token_is_no_token(configured):
    digest = sha256(TOKENS["all"].encode()).hexdigest()
    client = configured(API_TOKENS=f"ada:sha256={digest}")
    for secret, status in ((TOKENS["all"], 200), (digest, 401), (f"sha256={digest}", 401)):
        assert client.get(MENTORS, headers=bearer(secret)).status_code == status


# --- OPTIONS


def allowed(response):
    (allow,) = response.headers.getlist("Allow")
    return set(allow.split(", "))


@pytest.mark.parametrize("prefix", ["", BASE])
@pytest.mark.parametrize("path", sorted({route.split()[1] for route in MAY}))
def test_allow_of_options_has_what_the_role_may_do(guarded, path, prefix):
    of_path = {route.split()[0]: may for route, may in MAY.items() if route.split()[1] == path}

    def methods_of(*callers):
        may = {method for method, roles in of_path.items() if "all" in callers or roles & set(callers)}
        return may | {"OPTIONS"} | ({"HEAD"} if "GET" in may else set())

    for role, secret in TOKENS.items():
        assert allowed(guarded.options(prefix + path, headers=bearer(secret))) == methods_of(role), role
    for headers in ({}, bearer("unknown-token-of-16")):
        assert guarded.options(prefix + path, headers=headers).status_code == 401
    preflight = bearer("unknown-token-of-16") | {"Access-Control-Request-Method": "PUT"}
    assert allowed(guarded.options(prefix + path, headers=preflight)) == methods_of("all")
    assert allowed(guarded.patch(path, headers=bearer(TOKENS["status"]))) == methods_of("all")


def test_options_without_tokens_allows_all_methods(client):
    assert allowed(client.options(MENTOR)) == {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}
    assert client.options("/api/v1/nothing").status_code == 404


# --- what a role is shown


def change_reasons():
    """Change every reason in the database, and nothing else."""
    with db.connection_context():
        PauseRecord.update(reason="another").where(PauseRecord.reason.is_null(False)).execute()
        changes = {"pause_reason": "another", "pause_records": "[]"}
        HistoryEntry.update(changes).where(HistoryEntry.pause_reason.is_null(False)).execute()


def answers(app, client, caller):
    """Return what each GET answers to a caller: status, headers and body, without what differs each time."""
    headers, query = CALLERS[caller]
    found = {}
    for method, path in routes(app):
        for more in ({}, {"mentor_id": "ada"}):
            answered = client.open(path, method=method, headers=headers, query_string=query | more, buffered=True)
            body = {**answered.json, "request_id": None} if answered.is_json else answered.data
            kept = [(name, value) for name, value in answered.headers if name not in ("Date", "X-Request-ID")]
            found[method, path, len(more)] = answered.status_code, kept, body
    return found


@pytest.mark.parametrize("caller", ["status", "feed in the address"])
def test_no_byte_of_an_answer_depends_on_a_reason_that_its_reader_may_not_see(app, guarded, caller):
    before = answers(app, guarded, caller)
    assert any(status == 200 and "/api/" in path for (_method, path, _more), (status, *_rest) in before.items())
    change_reasons()
    assert answers(app, guarded, caller) == before


def test_the_tag_of_a_calendar_without_reasons_says_nothing_of_them_and_that_of_one_with_them_does(client, pause):
    pause(reason=REASON)

    def tags():
        return [client.get(f"{CALENDAR}?reasons={each}").headers["ETag"] for each in ("false", "true")]

    (without, of_reasons) = tags()
    change_reasons()
    assert tags()[0] == without
    assert tags()[1] != of_reasons


def test_a_list_that_gains_the_reason_does_not_show_it_to_a_status_token(guarded, monkeypatch):
    monkeypatch.setattr(mentor_statuses, "MENTOR_STATUS_IN_LIST", MENTOR_STATUS)
    for role, reason in (("read", REASON), ("status", None)):
        ada, _ben = guarded.get(f"{MENTORS}?after=", headers=bearer(TOKENS[role])).json["data"]
        assert ada["pause_reason"] == reason


def test_each_view_names_roles_that_there_are_or_is_open(app):
    for name, view in app.view_functions.items():
        assert view.roles == EVERYONE or view.roles <= {FULL, *ROLES}, name
