"""Every answer that is not a success is a problem of one shape (RFC 9457), and of several errors the first is told."""

import re

import peewee
import pytest
from werkzeug.http import HTTP_STATUS_CODES

from db.statements import Statement
from mentors.mentor import Mentor
from reads import lists
from tests.support.databases import ON_SQLITE
from web.middleware import BASE

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
MENTOR, RECORD = f"{MENTORS}/mentor-042", f"{RECORDS}/pause-rec-0018"
UNKNOWN_MENTOR, UNKNOWN_RECORD = f"{MENTORS}/mentor-099", f"{RECORDS}/pause-rec-0099"
KEYS = ["type", "title", "status", "detail", "code"]
SAME = {"mentor_id": "mentor-042", "start_date": "2026-03-01", "reason": "certification_expiry"}
LIST_ALLOWS, ITEM_ALLOWS = {"GET", "HEAD", "POST", "OPTIONS"}, {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}
STALE = {"If-Match": '"stale"'}
FORM = {"Content-Type": "multipart/form-data"}
TOO_LARGE = b'{"mentor_id": "mentor-099"}'.ljust(64 * 1024 + 1)


@pytest.fixture
def two_pauses(seeded):
    """Return a client; the tables hold the examples, and mentor-042 a second pause, `pause-rec-0035`."""
    second = {"mentor_id": "mentor-042", "start_date": "2026-03-26", "reason": "personal_leave"}
    assert seeded.post(RECORDS, json=second).headers["Location"] == f"{RECORDS}/pause-rec-0035"
    return seeded


@pytest.fixture
def untested(app, monkeypatch):
    """Let the app answer an exception as it does in production, and not hand it to the test."""
    monkeypatch.setitem(app.config, "TESTING", False)


def assert_problem(response, status, code, *fields):
    """Assert the whole shape: headers, the keys in their order, and what each of them says."""
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    problem = response.json
    assert list(problem) == [*KEYS, *(["errors"] if fields else []), "request_id"]
    assert (problem["type"], problem["title"]) == ("about:blank", HTTP_STATUS_CODES[status])
    assert (problem["status"], problem["code"]) == (status, code)
    assert re.fullmatch(r"\S.+[.!]", problem["detail"])
    assert set(problem.get("errors", {})) == set(fields)
    assert all(isinstance(told, str) for messages in problem.get("errors", {}).values() for told in messages)
    assert response.headers["X-Request-ID"] == problem["request_id"]
    return problem


# --- every path to an error

NOT_FOUND = [
    "/nothing",
    "/api/v1",
    f"{MENTORS}/",
    f"{RECORDS}/",
    f"{MENTOR}/",
    f"{MENTOR}/nothing",
    "/API/v1/pause-records",
]
NOT_FOUND += ["/api/v1//pause-records", f"{RECORDS}//pause-rec-0018", f"{BASE}/{RECORDS}", f"{BASE}{BASE}{RECORDS}"]
NOT_FOUND += [UNKNOWN_MENTOR, UNKNOWN_RECORD, BASE + UNKNOWN_RECORD, f"{MENTORS}/-", f"{RECORDS}/18"]
ERRORS = [("GET", path, {}, 404, "not_found") for path in NOT_FOUND]
ERRORS += [(method, RECORD, {}, 405, "method_not_allowed") for method in ("PATCH", "TRACE", "FOO")]
# What a test's client would tidy away: a path that begins with //, a Content-Length that is not true.
ERRORS += [("GET", "/", {"environ_overrides": {"PATH_INFO": f"/{MENTOR}"}}, 404, "not_found")]
ERRORS += [("PUT", RECORD, {"environ_overrides": {"CONTENT_LENGTH": str(2**40)}}, 413, "too_large")]
SHORT = {"data": b"{}", "environ_overrides": {"CONTENT_LENGTH": "3"}}
ERRORS += [
    ("PUT", UNKNOWN_MENTOR, {"json": {}}, 404, "not_found"),
    ("DELETE", UNKNOWN_MENTOR, {}, 404, "not_found"),
    ("DELETE", f"{UNKNOWN_MENTOR}?erase=true", {}, 404, "not_found"),
    ("PUT", UNKNOWN_RECORD, {"json": {}}, 404, "not_found"),
    ("DELETE", UNKNOWN_RECORD, {}, 404, "not_found"),
    ("POST", MENTORS, {"json": {"mentor_id": "mentor-042"}}, 409, "already_exists"),
    ("POST", RECORDS, {"json": SAME | {"expected_return_date": "2026-06-01"}}, 409, "conflict"),
    ("PUT", f"{RECORDS}/pause-rec-0035", {"json": SAME}, 409, "conflict"),
    ("PUT", MENTOR, {"json": {"status": "active"}, "headers": STALE}, 412, "stale"),
    ("DELETE", RECORD, {"headers": STALE}, 412, "stale"),
    ("POST", MENTORS, {"data": TOO_LARGE}, 413, "too_large"),
    ("POST", f"{MENTORS}.csv", {"data": {"table": "mentor_id\n"}, "headers": FORM}, 415, "unsupported_media_type"),
    ("POST", MENTORS, {}, 400, "malformed_body"),
    ("PUT", RECORD, {"data": b"{"}, 400, "malformed_body"),
    ("PUT", RECORD, SHORT, 400, "malformed_body"),
    ("POST", RECORDS, {"data": b"[]"}, 422, "validation_failed", "body"),
    ("POST", RECORDS, {"json": {}}, 422, "validation_failed", "mentor_id", "start_date", "reason"),
    ("PUT", RECORD, {"json": {"end_date": "2026-02-28"}}, 422, "validation_failed", "end_date"),
    ("GET", f"{RECORDS}?page=0&limits=1", {}, 422, "validation_failed", "page", "limits"),
]


@ON_SQLITE
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error[3]} {error[0]} {error[1][8:]}")
def test_every_error_has_the_one_shape(two_pauses, state, error):
    method, path, brought, *expected = error
    before = state()
    assert_problem(two_pauses.open(path, method=method, **brought), *expected)
    assert state() == before


@ON_SQLITE
@pytest.mark.parametrize("base", ["", BASE])
@pytest.mark.parametrize(("path", "allowed"), [(MENTORS, LIST_ALLOWS), (RECORDS, LIST_ALLOWS), (MENTOR, ITEM_ALLOWS)])
def test_a_405_names_exactly_the_allowed_methods(client, base, path, allowed):
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - allowed:
        response = client.open(base + path, method=method)
        assert_problem(response, 405, "method_not_allowed")
        assert set(response.headers["Allow"].split(", ")) == allowed
        assert len(response.headers.getlist("Allow")) == 1


def test_head_of_what_is_not_there_has_the_headers_of_the_problem_and_no_body(client):
    response = client.head(UNKNOWN_MENTOR)
    assert (response.status_code, response.data) == (404, b"")
    assert response.content_type == "application/problem+json"


# --- what a body may call itself

TYPES = [None, "application/json", "application/merge-patch+json", "application/x-www-form-urlencoded", "text/plain"]
TYPES += ["multipart/form-data; boundary=x", "application/json; charset=latin-1", "image/png"]


@ON_SQLITE
@pytest.mark.parametrize("content_type", TYPES)
def test_a_body_is_read_as_json_whatever_its_type_says(client, content_type):
    response = client.post(MENTORS, data=b'{"mentor_id": "mentor-099"}', content_type=content_type)
    assert (response.status_code, response.json["mentor_id"]) == (201, "mentor-099")


def test_a_body_of_64_kib_is_read(client):
    assert client.post(MENTORS, data=TOO_LARGE[:-1]).status_code == 201


# --- which of several errors is told

EARLY = {"expected_return_date": "2026-02-28"}
NEVER = {"is_active": True, "end_date": "2026-03-01"}
NO_JSON = {"data": b"{"}
ORDER = [
    ("PATCH", f"{MENTOR}?unknown=1", {"data": TOO_LARGE}, 405),
    ("POST", f"{MENTORS}.csv?unknown=1", {"data": b"x" * (1024 * 1024 + 1), "headers": FORM}, 415),
    ("PUT", f"{UNKNOWN_MENTOR}?unknown=1", {"data": b"{".ljust(64 * 1024 + 1)}, 413),
    ("PUT", f"{UNKNOWN_RECORD}?unknown=1", NO_JSON, 400),
    ("PUT", f"{UNKNOWN_MENTOR}?unknown=1", {"json": {}}, 422),
    ("DELETE", f"{UNKNOWN_MENTOR}?unknown=1", {}, 422),
    ("GET", f"{UNKNOWN_RECORD}?unknown=1", {}, 422),
    ("PUT", UNKNOWN_MENTOR, {"json": {"colour": "red"}}, 422),
    ("PUT", f"{RECORDS}/18", {"json": {"start_date": "2026-05-02", "end_date": "2026-05-01"}}, 422),
    ("POST", MENTORS, {"json": {"mentor_id": "mentor-042", "is_paused": 1}}, 422),
    (
        "POST",
        MENTORS,
        {"json": {"mentor_id": "mentor-042", "is_paused": True, "pause_start_date": "2026-03-01"} | EARLY},
        422,
    ),
    ("PUT", UNKNOWN_MENTOR, {"json": {"pause_start_date": "2026-03-01"} | EARLY}, 422),
    ("PUT", UNKNOWN_RECORD, {"json": {"start_date": "2026-03-01"} | EARLY}, 422),
    ("PUT", UNKNOWN_RECORD, {"json": {"start_date": "2026-03-01"} | NEVER}, 422),
    ("POST", RECORDS, {"json": SAME | EARLY}, 422),
    ("POST", RECORDS, {"json": SAME | NEVER}, 422),
    ("PUT", UNKNOWN_RECORD, {"json": SAME}, 404),
    ("PUT", UNKNOWN_MENTOR, {"json": {"pause_start_date": "2026-03-01"}}, 404),
    ("PUT", UNKNOWN_RECORD, {"json": {}, "headers": STALE}, 404),
    ("PUT", f"{RECORDS}/pause-rec-0035", {"json": SAME, "headers": STALE}, 409),
    ("POST", MENTORS, {"json": {"mentor_id": "mentor-042", "pause_start_date": "2026-03-01"}}, 409),
    ("POST", RECORDS, {"json": SAME | {"is_active": True, "end_date": "2026-03-02"}}, 409),
    ("PUT", f"{RECORDS}/pause-rec-0035", {"json": SAME | {"mentor_id": "mentor-001"}}, 409),
    ("PUT", f"{RECORDS}/pause-rec-0035", {"json": SAME | {"is_active": True, "end_date": "2026-03-02"}}, 409),
]


@ON_SQLITE
@pytest.mark.parametrize(("method", "path", "brought", "status"), ORDER)
def test_of_several_errors_the_first_in_the_order_is_the_answer(two_pauses, method, path, brought, status):
    response = two_pauses.open(path, method=method, **brought)
    assert response.status_code == status, response.json["detail"]


# --- what the service itself fails on

SECRET = "postgresql://coordinator:hunter2@db/mentors SELECT reason FROM pause_record -- illness"
REQUESTS = [(method, path, None) for method in ("GET", "DELETE") for path in (MENTOR, RECORD)]
REQUESTS += [("GET", MENTORS, None), ("GET", RECORDS, None), ("PUT", MENTOR, {"status": "active"})]
REQUESTS += [("POST", MENTORS, {"mentor_id": "mentor-099"}), ("POST", RECORDS, SAME), ("PUT", RECORD, {"reason": "x"})]
UNREACHABLE = [peewee.OperationalError, peewee.InterfaceError]


def failing_with(error):
    def fail(*_args, **_values):
        raise error(SECRET)

    return fail


def assert_keeps_secrets(response):
    assert not re.search("hunter2|postgres|select|illness|traceback|RuntimeError|OperationalError", response.text, re.I)


@pytest.mark.parametrize("name", ["get_mentor_status", "get_pause_record"])
def test_an_unexpected_exception_is_a_500_that_reveals_and_writes_nothing(
    two_pauses, state, untested, monkeypatch, name
):
    before = state()
    monkeypatch.setattr(lists, name, failing_with(RuntimeError))
    monkeypatch.setattr(Mentor, "append_entry", failing_with(RuntimeError))  # the last statement of a write
    path = MENTOR if name == "get_mentor_status" else RECORD
    for response in (two_pauses.get(path), two_pauses.put(path, json={"metadata": {"notes": "kept?"}})):
        assert_problem(response, 500, "internal_error")
        assert_keeps_secrets(response)
    monkeypatch.undo()
    assert state() == before


@ON_SQLITE
@pytest.mark.parametrize("error", UNREACHABLE)
def test_a_database_that_cannot_answer_is_a_503_with_retry_after(two_pauses, monkeypatch, error):
    with monkeypatch.context() as patch:
        patch.setattr(Statement, "fill", failing_with(error))
        for method, path, body in REQUESTS:
            response = two_pauses.open(path, method=method, json=body)
            assert_problem(response, 503, "unavailable")
            assert int(response.headers["Retry-After"]) >= 1
            assert_keeps_secrets(response)
    assert two_pauses.get(MENTOR).json["status"] == "paused"


# --- the id of a request


@ON_SQLITE
@pytest.mark.parametrize("request_id", ["a", "Trace-01.b_C", "9" * 64])
def test_the_id_of_a_request_comes_back(client, request_id):
    headers = {"X-Request-ID": request_id}
    assert client.get(MENTORS, headers=headers).headers["X-Request-ID"] == request_id
    assert assert_problem(client.get("/nothing", headers=headers), 404, "not_found")["request_id"] == request_id


@ON_SQLITE
@pytest.mark.parametrize("request_id", ["", " ", "a b", "a,b", "a/b", "9" * 65, "<b>", "a=b", '"a"', "\xe9", "\xb2"])
def test_an_id_that_no_log_should_hold_is_replaced_by_a_new_one(client, request_id):
    headers = {"X-Request-ID": request_id}
    told = [assert_problem(client.get("/nothing", headers=headers), 404, "not_found")["request_id"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", new) for new in told)
    assert told[0] != told[1]
