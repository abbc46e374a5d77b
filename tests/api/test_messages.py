"""The messages of the API: messages.txt has a request for each, as curl sends it, and below it the answer.

The status and the `detail` must be as they stand there, so that a change of words is read before it is made.
"""

import json
import re
from pathlib import Path

import peewee
import pytest

import migrations
from db.statements import Statement
from reads import lists
from tests.support.curl import curl
from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS

MENTOR, RECORD = f"{MENTORS}/mentor-042", f"{RECORDS}/pause-rec-0018"
FILE = Path(__file__).parent / "messages.txt"
MESSAGES = re.findall(r"^(curl .*)\n(.*)$", FILE.read_text(), re.MULTILINE)
# Too long to be read in the file, or not to be sent by curl.
LONG = [
    (MENTOR, {"json": {"pause_reason": "x" * 201}}, "pause_reason: It is too long; write at most 200 characters."),
    (MENTOR, {"json": {"metadata": {"notes": "x" * 2**14}}}, "metadata: It is too large; send at most 16 KiB."),
    (MENTOR, {"data": b" " * (2**16 + 1)}, "The body is larger than 65536 bytes; send a smaller one."),
    (
        RECORD,
        {"data": b"{}", "environ_overrides": {"CONTENT_LENGTH": "3"}},
        "The body did not arrive whole; send the request again.",
    ),
]
FAILED = "The service failed on this request. Send it once more; if it fails again, tell the operator this request_id."
ENDS_BY_ITSELF = (
    "expected_return_date: The pause ends by itself at its end_date, 2026-06-01T00:00:00Z; "
    "PUT another end_date to /api/v1/pause-records/pause-rec-0035."
)
READ_TOKEN = {"Authorization": f"Bearer {'r' * 16}"}


@pytest.fixture
def two_pauses(seeded):
    """Return a client; the tables hold the examples, and mentor-042 a second pause, `pause-rec-0035`."""
    second = {"mentor_id": "mentor-042", "start_date": "2026-03-26", "reason": "personal_leave"}
    assert seeded.post(RECORDS, json=second).headers["Location"] == f"{RECORDS}/pause-rec-0035"
    return seeded


@ON_SQLITE
def test_every_message_is_the_one_that_the_file_has(two_pauses):
    answers = [curl(two_pauses, line) for line, _answer in MESSAGES]
    shown = [f"{answer.status_code} {answer.json['detail']}" for answer in answers]
    assert shown == [answer for _line, answer in MESSAGES]


@ON_SQLITE
def test_unknown_names_are_refused_last_and_in_the_order_in_which_they_were_sent(client):
    unknown = [f"unknown-{number}" for number in (5, 3, 8, 1, 9, 2, 7, 4, 6)]  # a set would have them in another order
    sent = dict.fromkeys(unknown[:5], 1) | {"status": "away"} | dict.fromkeys(unknown[5:], 1)
    body, query = client.post(MENTORS, data=json.dumps(sent)), client.get(MENTORS, query_string=sent)
    assert list(body.json["errors"]) == ["mentor_id", "status", *unknown]
    assert list(query.json["errors"]) == ["status", *unknown]


@ON_SQLITE
@pytest.mark.parametrize(("path", "request_", "detail"), LONG)
def test_a_request_that_is_too_long_or_cut_has_its_message(two_pauses, path, request_, detail):
    assert two_pauses.put(path, **request_).json["detail"] == detail


@ON_SQLITE
def test_a_return_date_for_a_pause_that_has_an_end_has_its_message(two_pauses):
    two_pauses.put(f"{RECORDS}/pause-rec-0035", json={"end_date": "2026-06-01"})
    response = two_pauses.put(MENTOR, json={"expected_return_date": "2026-05-01"})
    assert (response.status_code, response.json["detail"]) == (422, ENDS_BY_ITSELF)


@ON_SQLITE
@pytest.mark.parametrize(
    ("method", "path", "headers", "detail"),
    [
        (
            "POST",
            MENTORS,
            {},
            "This request needs a token that the service knows; send the header Authorization: Bearer TOKEN.",
        ),
        (
            "GET",
            "/api/v1/pause-records.ics?token=nobody",
            {},
            "The address needs a token of the role feed that the service knows, or the one that "
            "GET /api/v1/calendar-address shows; send it once, as ?token=TOKEN, and no header Authorization.",
        ),
        ("POST", MENTORS, READ_TOKEN, "This token may only read; send one that may write."),
    ],
)
def test_a_missing_token_and_one_that_only_reads_have_their_messages(configured, method, path, headers, detail):
    client = configured(API_TOKENS=f"dashboard:{'r' * 16}:read")
    assert client.open(path, method=method, headers=headers).json["detail"] == detail


def raise_error(monkeypatch, place, name, error):
    """Have a function of the service raise an error."""

    def fail(*_args, **_values):
        raise error

    monkeypatch.setattr(place, name, fail)


def test_a_failure_of_the_service_or_its_database_has_its_message(app, two_pauses, monkeypatch):
    monkeypatch.setitem(app.config, "TESTING", False)
    raise_error(monkeypatch, lists, "get_mentor_status", RuntimeError)
    assert two_pauses.get(MENTOR).json["detail"] == FAILED
    raise_error(monkeypatch, Statement, "fill", peewee.OperationalError)
    unavailable = "The database cannot answer now; send the request again in a moment."
    assert two_pauses.get(MENTORS).json["detail"] == unavailable
    monkeypatch.setattr(migrations, "pending", lambda: ["0001"])
    unmigrated = "The database is not migrated; run flask --app app migrate."
    assert two_pauses.get("/readyz").json["detail"] == unmigrated
