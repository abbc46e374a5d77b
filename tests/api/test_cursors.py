"""Which cursor of the changes is good: 410 if it means nothing here any more, 422 if the text is no cursor."""

import random

import orjson
import pytest

from db import db
from feeds import cursor as cursors
from feeds.changes import short_identity
from feeds.cursor import Cursor, Position, Snapshot, decode
from feeds.order import order
from mentors import retention
from transfer.identity import renew_identity

MENTORS, CHANGES = "/api/v1/mentor-statuses", "/api/v1/changes"
NOW, LONG_AGO, FAR_AHEAD = "2026-03-26T08:30:00Z", "2026-02-25T08:29:59Z", "2026-03-26T08:30:16Z"

LAST_NUMBER = {
    "sqlite": "SELECT last FROM change_counter",
    "postgres": "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1",
}


@pytest.fixture
def begin(client):
    """Return a cursor that begins now, as text."""
    client.post(MENTORS, json={"mentor_id": "ada"})
    return client.get(CHANGES).json["pagination"]["next"]


def assert_gone(client, text):
    answered = client.get(CHANGES, query_string={"since": text})
    assert (answered.status_code, answered.json["code"]) == (410, "cursor_gone")
    assert "leave since out" in answered.json["detail"]


def assert_none(client, text):
    answered = client.get(CHANGES, query_string={"since": text})
    assert (answered.status_code, list(answered.json["errors"])) == (422, ["since"]), text


def assert_good(client, text):
    assert client.get(CHANGES, query_string={"since": text}).status_code == 200


def changed(text, **parts):
    """Return a cursor with other parts, as text that the service could have made."""
    return decode(text)._replace(**parts).encode()


# --- gone


def test_a_cursor_of_another_database_is_gone(client, begin):
    assert_gone(client, changed(begin, database="0123456789abcdef"))
    renew_identity()
    assert_gone(client, begin)


def test_a_cursor_that_is_ahead_of_the_database_or_of_its_clock_is_gone(client, begin):
    writes = decode(begin).since.writes
    assert_gone(client, changed(begin, since=Snapshot("99999999999:", NOW)))
    assert_good(client, changed(begin, since=Snapshot(writes, "2026-03-26T08:30:15Z")))
    assert_gone(client, changed(begin, since=Snapshot(writes, FAR_AHEAD)))
    position = Position(0, 1, "ada")
    assert_gone(client, changed(begin, until=Snapshot("99999999999:", NOW), position=position))
    assert_gone(client, changed(begin, until=Snapshot(writes, FAR_AHEAD), position=position))


def test_the_highest_write_that_a_cursor_may_name_is_the_last_number_that_it_has_given(client, begin):
    def last_number():
        with db.connection_context():
            return int(db.execute_sql(LAST_NUMBER[db.dialect.name]).fetchone()[0])

    last = None
    while last != last_number():  # Postgres may have given one to its autovacuum meanwhile
        last = last_number()
        snapshots = Snapshot(f"{last}:", NOW), Snapshot(f"{last + 1}:", NOW)
        cursors = [changed(begin, since=snapshot) for snapshot in snapshots]
        statuses = [client.get(CHANGES, query_string={"since": cursor}).status_code for cursor in cursors]
    assert statuses == [200, 410]


def test_a_cursor_that_is_more_than_29_days_old_is_gone_while_the_marks_of_erasures_last_30(client, begin):
    writes = decode(begin).since.writes
    assert_good(client, changed(begin, since=Snapshot(writes, "2026-02-25T08:30:00Z")))
    assert_gone(client, changed(begin, since=Snapshot(writes, LONG_AGO)))
    assert retention.DAYS_OF_MARKS == 30


def test_a_cursor_that_an_earlier_release_made_is_still_what_it_was():
    position = Position(1, 11, "ada")
    made = Cursor(short_identity("a database"), Snapshot("9:3,5", NOW), Snapshot("12:", FAR_AHEAD), position)
    text = (
        "32UfxYf7ct5bIjU1YjI5OTNkZGY1NTgzZjgiLCI5OjMsNSIsIjIwMjYtMDMtMjZUMDg6MzA6MDBaIiwiMTI6IiwiMjAyNi0wMy0yNlQwODozMD"
        "oxNloiLDEsMTEsImFkYSJd"
    )
    assert (made.encode(), decode(text)) == (text, made)


# --- none


def test_a_cursor_that_is_cut_or_changed_anywhere_is_a_422(client, begin):
    for index in range(0, len(begin), 3):
        assert_none(client, begin[:index] or "-")
        other = "A" if begin[index] != "A" else "B"
        assert_none(client, begin[:index] + other + begin[index + 1 :])


@pytest.mark.parametrize("text", ["", " ", "x", "====", "ä", "null", "%00", "a" * 9000])
def test_any_other_text_is_a_422(client, text):
    assert client.get(CHANGES, query_string={"since": text}).status_code == 422


def encode(data):
    """Return text that has the check of a cursor, but this data."""
    return cursors.urlsafe_b64encode(cursors.check_of(data) + data).rstrip(b"=").decode()


FORGED = [
    [],
    ["x"],
    [1, "5:", NOW],
    ["x", 5, NOW],
    ["x", "", NOW],
    ["x", "05:", NOW],
    ["x", "5", NOW],
    ["x", "5:x", NOW],
    ["x", "5:1,,2", NOW],
    ["x", "5:}", NOW],
    ["x", "9" * 19 + ":", NOW],
    ["x", "5:", "2026-03-26"],
    ["x", "5:", "2026-02-30T00:00:00Z"],
    ["x", "5:", None],
    ["x", "5:", NOW, "5:"],
    ["x", "5:", NOW, "5:", NOW, 0, 5],
    ["x", "5:", NOW, "5:", NOW, "0", 5, "ada"],
    ["x", "5:", NOW, "5:", NOW, True, 5, "ada"],
    ["x", "5:", NOW, "5:", NOW, 0, 0, "ada"],
    ["x", "5:", NOW, "5:", NOW, 0, 10**18, "ada"],
    ["x", "5:", NOW, "5:", NOW, 0, 5.0, "ada"],
    ["x", "5:", NOW, "5:", NOW, 0, 5, "a b"],
    ["x", "5:", NOW, "5:", NOW, 0, 5, None],
    ["x", "5:", NOW, "5:", NOW, -1, 5, "ada"],
    ["x", "5:", NOW, "5:", NOW, 9, 5, "ada"],
    ["x", "5:", NOW, "5:", NOW, 0, NOW, "ada"],
    ["x", "5:", NOW, "5:", NOW, 0, "5", "ada"],
]


@pytest.mark.parametrize("parts", FORGED, ids=str)
def test_forged_parts_with_the_right_check_are_a_422(client, parts):
    assert_none(client, encode(orjson.dumps(parts)))


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"[", b"\xff", b"[" * 5000])
def test_forged_data_with_the_right_check_is_a_422(client, data):
    assert_none(client, encode(data))


def test_a_write_as_the_position_among_pauses_and_the_other_way_round_is_a_422(client, begin):
    cursor, writes = decode(begin), order().write_range_count
    for number, value in ((0, NOW), (writes - 1, NOW), (writes, 5), (writes + 1, 5), (writes + 2, NOW)):
        assert_none(client, changed(begin, until=cursor.since, position=Position(number, value, "ada")))
    for number, value in ((0, 1), (0, 10**18 - 1), (writes - 1, 5), (writes, NOW), (writes + 1, NOW)):
        assert_good(client, changed(begin, until=cursor.since, position=Position(number, value, "ada")))


def test_random_bytes_are_a_422(client):
    some = random.Random(7)
    for _ in range(200):
        assert_none(client, encode(some.randbytes(some.randrange(60))))
