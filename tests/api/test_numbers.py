"""The end of the numbers of pause records and history entries: what could not be read again is not written."""

import pytest

from db import db
from tests.support.tables import MENTORS, RECORDS, download, upload

HIGHEST = 10**18 - 1  # as many digits as an id is read with
END_OF_64_BITS = 2**63 - 1
WRITES = {
    "pause_record": [
        ("POST", MENTORS, {"mentor_id": "eve", "status": "paused"}),
        ("PUT", f"{MENTORS}/ada", {"status": "paused"}),
        ("POST", RECORDS, {"mentor_id": "ada", "start_date": "2026-03-01", "reason": "x"}),
        ("POST", f"{MENTORS}.csv", b"mentor_id,status\neve,paused\n"),
        ("POST", f"{RECORDS}.csv", b"mentor_id,start_date,reason\nada,2026-03-01,x\n"),
    ],
    "history_entry": [
        ("POST", MENTORS, {"mentor_id": "eve"}),
        ("PUT", f"{MENTORS}/ada", {"metadata": {}}),
        ("DELETE", f"{MENTORS}/ada", None),
    ],
}


@pytest.fixture
def last_number(client):
    """Return a function that sets the highest number that a table has given."""

    def set_to(table, number):
        with db.connection_context():
            if db.dialect.name == "postgres":  # whose sequences end there
                db.execute_sql("SELECT setval(%s, %s)", (f"{table}_id_seq", min(number, HIGHEST)))
            else:
                db.execute_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
                db.execute_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))

    return set_to


@pytest.fixture
def ada(client):
    assert client.post(MENTORS, json={"mentor_id": "ada"}).status_code == 201
    return client


def test_the_highest_number_can_be_read_changed_walked_to_and_deleted(ada, last_number):
    last_number("pause_record", HIGHEST - 1)
    last_number("history_entry", HIGHEST - 5)
    record = {"mentor_id": "ada", "start_date": "2026-03-01", "reason": "x"}
    path = ada.post(RECORDS, json=record).headers["Location"]
    assert path == f"{RECORDS}/pause-rec-{HIGHEST}"
    assert ada.get(path).status_code == ada.put(path, json={"reason": "y"}).status_code == 200
    (line,) = download(ada, RECORDS)
    assert upload(ada, RECORDS, [line | {"expected_return_date": "2026-05-01"}]).json["data"] == [
        {
            "line": 2,
            "outcome": "updated",
            "mentor_id": "ada",
            "history_entry_id": str(HIGHEST - 2),
            "pause_record_id": path[-28:],
        }
    ]
    walked = ada.get(f"{RECORDS}?after=&limit=1").json["pagination"]["next"]
    assert ada.get(f"{RECORDS}?after=pause-rec-{HIGHEST - 1}").json["data"][0]["pause_record_id"] == path[-28:]
    assert walked is None
    assert ada.delete(path).status_code == 200
    after = ada.get(f"{MENTORS}/ada/history?after=&limit=1").json["pagination"]["next"]
    assert ada.get(f"{MENTORS}/ada/history?after={after}").json["data"][-1]["event"] == "created"


@pytest.mark.parametrize("number", [HIGHEST, END_OF_64_BITS])
@pytest.mark.parametrize(("table", "write"), [(table, write) for table in WRITES for write in WRITES[table]], ids=str)
def test_a_write_that_needs_a_number_beyond_the_highest_is_a_503_that_writes_nothing(
    ada, state, last_number, capfd, table, write, number
):
    last_number(table, number)
    before = state()
    method, path, body = write
    sent = {"data": body, "content_type": "text/csv"} if isinstance(body, bytes) else {"json": body}
    response = ada.open(path, method=method, **sent)
    assert (response.status_code, response.json["code"], response.headers["Retry-After"]) == (503, "unavailable", "1")
    assert "numbers of" in capfd.readouterr().out
    assert state() == before
    for readable in (f"{MENTORS}/ada", MENTORS, RECORDS, f"{MENTORS}/ada/history"):
        assert ada.get(readable).status_code == 200
