"""Every answer that is not a success is a problem of one shape (RFC 9457), and of several errors the first is told.

messages.txt has a request for each message, as curl sends it, and below it the status and the `detail` of the answer,
so that a change of words is read before it is made.
"""

import json
import re
from pathlib import Path

import peewee
import pytest
from werkzeug.http import HTTP_STATUS_CODES

from db.statements import Statement
from mentors.mentor import Mentor
from reads import mentor_statuses, pause_records
from tests.support.curl import curl
from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS
from web.middleware import BASE

MENTOR, RECORD = f"{MENTORS}/mentor-042", f"{RECORDS}/pause-rec-0018"
UNKNOWN_MENTOR, UNKNOWN_RECORD = f"{MENTORS}/mentor-099", f"{RECORDS}/pause-rec-0099"
KEYS = ["type", "title", "status", "detail", "code"]
CODES = {
    400: "malformed_body",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "already_exists conflict",
    412: "stale",
    413: "too_large",
    422: "validation_failed",
    500: "internal_error",
    503: "unavailable",
}


def assert_problem(response, status):
    """Assert the whole shape: headers, the keys in their order, and what each of them says; return the problem."""
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    problem = response.json
    assert list(problem) == [*KEYS, *(["errors"] if status == 422 else []), "request_id"]
    assert (problem["type"], problem["title"]) == ("about:blank", HTTP_STATUS_CODES[status])
    assert problem["status"] == status
    assert problem["code"] in CODES[status].split()
    assert re.fullmatch(r"\S.+[.!]", problem["detail"])
    told = [f"{name}: {' '.join(messages)}" for name, messages in problem.get("errors", {}).items()]
    assert problem["detail"] == " ".join(told) or not told
    assert response.headers["X-Request-ID"] == problem["request_id"]
    return problem


# --- the messages

FILE = Path(__file__).parent / "messages.txt"
MESSAGES, WHERE_TOKENS_ARE_SET = (
    re.findall(r"^(curl .*)\n(\d+) (.*)$", part, re.MULTILINE)
    for part in FILE.read_text().split("# Where tokens are set\n")
)
# Too long to be read in the file, or not to be sent by curl.
TOO_LARGE = "The body is larger than 65536 bytes; send a smaller one."
NOT_WHOLE = "The body did not arrive whole; send the request again."
FAILED = "The service failed on this request. Send it once more; if it fails again, tell the operator this request_id."
UNAVAILABLE = "The database cannot answer now; send the request again in a moment."
NOT_IN_THE_FILE = [
    ({"json": {"pause_reason": "x" * 201}}, "pause_reason: It is too long; write at most 200 characters."),
    ({"json": {"metadata": {"notes": "x" * 2**14}}}, "metadata: It is too large; send at most 16 KiB."),
    ({"data": b" " * (2**16 + 1)}, TOO_LARGE),
    ({"environ_overrides": {"CONTENT_LENGTH": str(2**40)}}, TOO_LARGE),
    ({"data": b"{}", "environ_overrides": {"CONTENT_LENGTH": "3"}}, NOT_WHOLE),
]


@ON_SQLITE
def test_every_message_is_a_problem_with_the_words_that_the_file_has_and_nothing_is_written(seeded, configured, state):
    before = state()
    for line, status, detail in MESSAGES:
        assert assert_problem(curl(seeded, line), int(status))["detail"] == detail, line
    client = configured(API_TOKENS=f"dashboard:{'r' * 16}:read,ada:{'w' * 16}:write")
    for line, status, detail in WHERE_TOKENS_ARE_SET:
        assert assert_problem(curl(client, line), int(status))["detail"] == detail, line
    assert state() == before


@ON_SQLITE
@pytest.mark.parametrize(("sent", "detail"), NOT_IN_THE_FILE)
def test_a_request_that_is_too_long_or_cut_has_its_message(seeded, sent, detail):
    assert seeded.put(MENTOR, **sent).json["detail"] == detail


@ON_SQLITE
def test_unknown_names_are_refused_last_and_in_the_order_in_which_they_were_sent(client):
    unknown = [f"unknown-{number}" for number in (5, 3, 8, 1, 9, 2, 7, 4, 6)]  # a set would have them in another order
    sent = dict.fromkeys(unknown[:5], 1) | {"status": "away"} | dict.fromkeys(unknown[5:], 1)
    body, query = client.post(MENTORS, data=json.dumps(sent)), client.get(MENTORS, query_string=sent)
    assert list(body.json["errors"]) == ["mentor_id", "status", *unknown]
    assert list(query.json["errors"]) == ["status", *unknown]


# --- paths

NOWHERE = ["/nothing", "/api/v1", "/API/v1/pause-records", "/api/v1//pause-records", f"/{MENTOR}", f"{MENTOR}/nothing"]
NOWHERE += [f"{MENTORS}/", f"{RECORDS}/", f"{MENTOR}/", f"{RECORDS}//pause-rec-0018"]
NOWHERE += [f"{BASE}/nothing", f"{BASE}/{RECORDS}", f"{BASE}{BASE}{RECORDS}", BASE + UNKNOWN_RECORD]


@ON_SQLITE
@pytest.mark.parametrize("path", NOWHERE)
def test_another_path_is_a_404(seeded, path):
    assert_problem(seeded.get("/", environ_overrides={"PATH_INFO": path}), 404)  # a test's client would tidy up //


def test_head_of_what_is_not_there_has_the_headers_of_the_problem_and_no_body(client):
    response = client.head(UNKNOWN_MENTOR)
    assert (response.status_code, response.data) == (404, b"")
    assert response.content_type == "application/problem+json"


# --- what a body may call itself

TYPES = [None, "application/json", "application/merge-patch+json", "application/x-www-form-urlencoded", "text/plain"]
TYPES += ["multipart/form-data; boundary=x", "application/json; charset=latin-1", "image/png"]


@ON_SQLITE
@pytest.mark.parametrize("content_type", TYPES)
def test_a_body_of_64_kib_is_read_as_json_whatever_its_type_says(client, content_type):
    body = b'{"mentor_id": "mentor-099"}'.ljust(64 * 1024)
    assert client.post(MENTORS, data=body, content_type=content_type).status_code == 201


# --- which of several errors is told; test_rules.py has those of the rules

NO_JSON, TOO_LONG = {"data": b"{"}, {"data": b"{".ljust(64 * 1024 + 1)}
FORM = {"data": b"x" * (1024 * 1024 + 1), "headers": {"Content-Type": "multipart/form-data"}}
CROSS_SITE = {"headers": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}}
ORDER = [
    ("PUT", "/nothing", CROSS_SITE, 404),
    ("POST", MENTOR, CROSS_SITE, 405),
    ("PATCH", f"{MENTOR}?unknown=1", TOO_LONG, 405),
    ("POST", f"{MENTORS}.csv?unknown=1", FORM, 415),
    ("PUT", f"{UNKNOWN_MENTOR}?unknown=1", TOO_LONG, 413),
    ("PUT", f"{UNKNOWN_RECORD}?unknown=1", NO_JSON, 400),
    ("PUT", f"{UNKNOWN_MENTOR}?unknown=1", {"json": {}}, 422),
    ("DELETE", f"{UNKNOWN_MENTOR}?unknown=1", {}, 422),
    ("GET", f"{UNKNOWN_RECORD}?unknown=1", {}, 422),
    ("PUT", UNKNOWN_MENTOR, {"json": {"colour": "red"}}, 422),
    ("PUT", f"{RECORDS}/18", {"json": {"start_date": "2026-05-02", "end_date": "2026-05-01"}}, 422),
    ("POST", MENTORS, {"json": {"mentor_id": "mentor-042", "is_paused": 1}}, 422),
    ("PUT", UNKNOWN_RECORD, {"json": {"mentor_id": "mentor-042"}}, 404),
]


@ON_SQLITE
@pytest.mark.parametrize(("method", "path", "brought", "status"), ORDER)
def test_of_several_errors_the_first_in_the_order_is_the_answer(seeded, method, path, brought, status):
    response = seeded.open(path, method=method, **brought)
    assert response.status_code == status, response.json["detail"]


# --- what the service itself fails on

SECRET = "postgresql://coordinator:hunter2@db/mentors SELECT reason FROM pause_record -- illness"


def failing_with(error):
    def fail(*_args, **_values):
        raise error(SECRET)

    return fail


def assert_keeps_secrets(response):
    assert not re.search("hunter2|postgres|select|illness|traceback|RuntimeError|OperationalError", response.text, re.I)


GETS = [(mentor_statuses, "get_mentor_status", MENTOR), (pause_records, "get_pause_record", RECORD)]


@pytest.mark.parametrize(("module", "name", "path"), GETS)
def test_an_unexpected_exception_is_a_500_that_reveals_and_writes_nothing(
    seeded, app, state, monkeypatch, module, name, path
):
    before = state()
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)  # answer as in production
    monkeypatch.setattr(module, name, failing_with(RuntimeError))
    monkeypatch.setattr(Mentor, "append_entry", failing_with(RuntimeError))  # the last statement of a write
    for response in (seeded.get(path), seeded.put(path, json={"metadata": {"notes": "kept?"}})):
        assert assert_problem(response, 500)["detail"] == FAILED
        assert_keeps_secrets(response)
    monkeypatch.undo()
    assert state() == before


@ON_SQLITE
@pytest.mark.parametrize("error", [peewee.OperationalError, peewee.InterfaceError])
def test_a_database_that_cannot_answer_is_a_503_with_retry_after(seeded, monkeypatch, error):
    with monkeypatch.context() as patch:
        patch.setattr(Statement, "fill", failing_with(error))
        for response in (seeded.get(MENTORS), seeded.put(MENTOR, json={"status": "active"})):
            assert assert_problem(response, 503)["detail"] == UNAVAILABLE
            assert int(response.headers["Retry-After"]) >= 1
            assert_keeps_secrets(response)
    assert seeded.get(MENTOR).json["status"] == "paused"


# --- the id of a request


@ON_SQLITE
@pytest.mark.parametrize("request_id", ["a", "Trace-01.b_C", "9" * 64])
def test_the_id_of_a_request_comes_back(client, request_id):
    headers = {"X-Request-ID": request_id}
    assert client.get(MENTORS, headers=headers).headers["X-Request-ID"] == request_id
    assert assert_problem(client.get("/nothing", headers=headers), 404)["request_id"] == request_id


@ON_SQLITE
@pytest.mark.parametrize("request_id", ["", " ", "a b", "a,b", "a/b", "9" * 65, "<b>", "a=b", '"a"', "\xe9", "\xb2"])
def test_an_id_that_no_log_should_hold_is_replaced_by_a_new_one(client, request_id):
    headers = {"X-Request-ID": request_id}
    told = [assert_problem(client.get("/nothing", headers=headers), 404)["request_id"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", new) for new in told)
    assert told[0] != told[1]
