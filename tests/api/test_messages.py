"""The messages of the API: messages.txt has a request for each, as curl sends it, and below it the answer.

The status and the `detail` must be as they stand there, so that a change of words is read before it is made.
"""

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import marshmallow
import peewee
import pytest

import migrations
from app import create_app
from db.statements import Statement
from mentors import fields
from reads import lists
from settings import Settings
from tests.api.test_problems import MENTOR, MENTORS, RECORD, RECORDS, SHORT, TOO_LARGE, failing_with
from tests.operation.test_readme import curl
from tests.support.server import REPOSITORY, environment
from transfer import seeding

FILE = Path(__file__).parent / "messages.txt"
MESSAGES = re.findall(r"^(curl .*)\n(.*)$", FILE.read_text(), re.MULTILINE)
WAY_OUT = re.compile(r"\b(must|send|write|use|leave|change|changes|creates|lists|links|Allow)\b")
PRONOUNS = re.compile(r"\b(s?he|h(ers?|i[ms]))\b", re.IGNORECASE)
# Too long to be read in the file, or not to be sent by curl.
LONG = [
    (MENTOR, {"json": {"pause_reason": "x" * 201}}, "pause_reason: It is too long; write at most 200 characters."),
    (MENTOR, {"json": {"metadata": {"notes": "x" * 2**14}}}, "metadata: It is too large; send at most 16 KiB."),
    (MENTOR, {"data": TOO_LARGE}, "The body is larger than 65536 bytes; send a smaller one."),
    (RECORD, SHORT, "The body did not arrive whole; send the request again."),
]
FAILED = "The service failed on this request. Send it once more; if it fails again, tell the operator this request_id."
ENDS_BY_ITSELF = (
    "expected_return_date: The pause ends by itself at its end_date, 2026-06-01T00:00:00Z; "
    "PUT another end_date to /api/v1/pause-records/pause-rec-0035."
)
NOW = "2026-03-26T08:30:00Z"  # of the tests' clock
NO_TOKEN, READ_TOKEN = {}, {"Authorization": f"Bearer {'r' * 16}"}


@pytest.fixture
def seeded(client):
    """Return a client; the tables hold the examples, and mentor-042 a second pause, `pause-rec-0035`."""
    seeding.seed(NOW)
    second = {"mentor_id": "mentor-042", "start_date": "2026-03-26", "reason": "personal_leave"}
    assert client.post(RECORDS, json=second).status_code == 201
    return client


def test_every_message_is_the_one_that_the_file_has(seeded):
    answers = [curl(seeded, line) for line, _answer in MESSAGES]
    shown = [f"{answer.status_code} {answer.json['detail']}" for answer in answers]
    assert shown == [answer for _line, answer in MESSAGES]


def refusals_of_unknown_names(path):
    """Return what an app of this process answers to unknown fields and unknown parameters."""
    client = create_app(Settings(database_url=f"sqlite:///{path}")).test_client()
    sent = {"colour": 1, "age": 2, "status": "away", "pet": 3}
    answers = client.post(MENTORS, data=json.dumps(sent)), client.get(MENTORS, query_string=sent)
    return [list(answer.json["errors"]) for answer in answers]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_unknown_names_are_refused_last_and_in_the_order_in_which_they_were_sent(tmp_path, seed):
    code = f"from {__name__} import *; print(json.dumps(refusals_of_unknown_names({str(tmp_path / 'empty.db')!r})))"
    hashing = environment(PYTHONHASHSEED=seed)  # which decides the order of a set
    printed = subprocess.check_output([sys.executable, "-c", code], cwd=REPOSITORY, env=hashing)
    body, query = json.loads(printed.splitlines()[-1])
    assert body == ["mentor_id", "status", "colour", "age", "pet"]
    assert query == ["status", "colour", "age", "pet"]


def test_every_curl_of_the_file_has_its_answer():
    assert len(MESSAGES) == FILE.read_text().count("curl ") > 50


@pytest.mark.parametrize(("path", "request_", "detail"), LONG)
def test_a_request_that_is_too_long_or_cut_has_its_message(seeded, path, request_, detail):
    assert seeded.put(path, **request_).json["detail"] == detail


def test_a_return_date_for_a_pause_that_has_an_end_has_its_message(seeded):
    seeded.put(f"{RECORDS}/pause-rec-0035", json={"end_date": "2026-06-01"})
    response = seeded.put(MENTOR, json={"expected_return_date": "2026-05-01"})
    assert (response.status_code, response.json["detail"]) == (422, ENDS_BY_ITSELF)


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        (NO_TOKEN, "This request needs a token that the service knows; send the header Authorization: Bearer TOKEN."),
        (READ_TOKEN, "This token may only read; send one that may write."),
    ],
)
def test_a_missing_token_and_one_that_only_reads_have_their_messages(app, client, monkeypatch, headers, detail):
    tokens = Settings.from_environ({"API_TOKENS": f"dashboard:{'r' * 16}:read"}).api_tokens
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], api_tokens=tokens))
    monkeypatch.setattr(app, "test_client_class", None)  # the description of this app was made without tokens
    assert app.test_client().post(MENTORS, json={}, headers=headers).json["detail"] == detail


def test_a_failure_of_the_service_or_its_database_has_its_message(app, seeded, monkeypatch):
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setattr(lists, "get_mentor_status", failing_with(RuntimeError))
    assert seeded.get(MENTOR).json["detail"] == FAILED
    monkeypatch.setattr(Statement, "fill", failing_with(peewee.OperationalError))
    unavailable = "The database cannot answer now; send the request again in a moment."
    assert seeded.get(MENTORS).json["detail"] == unavailable
    monkeypatch.setattr(migrations, "pending", lambda: ["0001"])
    unmigrated = "The database is not migrated; run flask --app app migrate."
    assert seeded.get("/readyz").json["detail"] == unmigrated


def test_every_message_of_a_field_is_among_them():
    shown = " ".join([answer for _line, answer in MESSAGES] + [detail for *_request, detail in LONG])
    own = [kind for kind in vars(fields).values() if isinstance(kind, type) and kind.__module__ == "mentors.fields"]
    assert len(own) > 8
    for kind in own:
        assert issubclass(kind, marshmallow.fields.Field)
        for message in vars(kind).get("default_error_messages", {}).values():
            assert message in shown, kind.__name__


@pytest.mark.parametrize("answer", sorted({answer for _line, answer in MESSAGES}))
def test_a_message_names_a_way_out_and_calls_nobody_she_or_he(answer):
    assert WAY_OUT.search(answer)
    assert not PRONOUNS.search(answer)
