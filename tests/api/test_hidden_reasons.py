"""What a reader may not see changes no byte of any answer: the same database with other reasons, route by route."""

import pytest

from db import db
from models import HistoryEntry, PauseRecord

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
SECRETS = {role: f"secret-of-the-role-{role}-0123456789" for role in ("status", "feed")}
ASKED = {
    "status": ["{path}"],
    "feed": ["{path}?token={secret}", "{path}?token={secret}&mentor_id=ada"],
}
VARYING = ("Date", "X-Request-ID")


@pytest.fixture
def with_tokens(client, configured):
    """Return a client of the app, which asks for tokens."""
    for name, reason in (("ada", "burnout"), ("ben", None)):
        sent = {"mentor_id": name, "status": "paused", "pause_start_date": "2026-03-01", "pause_reason": reason}
        assert client.post(MENTORS, json=sent).status_code == 201
    sent = {"mentor_id": "ada", "start_date": "2026-05-01", "reason": "burnout", "expected_return_date": "2026-06-01"}
    assert client.post(RECORDS, json=sent).status_code == 201
    return configured(API_TOKENS=",".join(f"{role}:{secret}:{role}" for role, secret in SECRETS.items()))


def change_reasons(reason):
    """Change every reason in the database, and nothing else."""
    with db.connection_context():
        PauseRecord.update(reason=reason).where(PauseRecord.reason.is_null(False)).execute()
        changes = {"pause_reason": reason, "pause_records": "[]"}
        HistoryEntry.update(changes).where(HistoryEntry.pause_reason.is_null(False)).execute()


def answers(app, client, role):
    """Return what each route answers to a role: status, headers and body, without what differs each time."""
    secret, found = SECRETS[role], {}
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods:
            continue
        path = rule.rule.replace("<mentor_id>", "ada").replace("<pause_record_id>", "pause-rec-0001")
        for asked in ASKED[role]:
            headers = {} if role == "feed" else {"Authorization": f"Bearer {secret}"}
            with client.get(asked.format(path=path, secret=secret), headers=headers) as response:
                body = response.data
            kept = [(name, value) for name, value in response.headers if name not in VARYING]
            if response.is_json:
                body = response.json
                body.pop("request_id", None)
            found[asked, path] = response.status_code, kept, body
    return found


@pytest.mark.parametrize("role", SECRETS)
def test_no_byte_of_an_answer_depends_on_a_reason_that_its_reader_may_not_see(app, with_tokens, role):
    before = answers(app, with_tokens, role)
    assert any(status == 200 and "api" in path for (_asked, path), (status, _headers, _body) in before.items())
    change_reasons("another")
    assert answers(app, with_tokens, role) == before


def test_the_tag_of_a_calendar_without_reasons_says_nothing_of_them_and_that_of_one_with_them_does(app, client):
    sent = {"mentor_id": "ada", "status": "paused", "pause_reason": "burnout"}
    assert client.post(MENTORS, json=sent).status_code == 201
    tags = [client.get(f"{RECORDS}.ics?reasons={each}").headers["ETag"] for each in ("false", "true")]
    with db.connection_context():
        db.execute_sql("UPDATE pause_record SET reason = 'another'")
    again = [client.get(f"{RECORDS}.ics?reasons={each}").headers["ETag"] for each in ("false", "true")]
    assert (again[0] == tags[0], again[1] == tags[1]) == (True, False)
