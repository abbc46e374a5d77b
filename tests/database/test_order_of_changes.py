"""The order in which writes become news: that of their commits on Postgres, whatever their clocks and numbers say."""

from urllib.parse import urlsplit

import psycopg
import pytest

from db import db
from feeds.order import PostgresOrder

MENTORS, CHANGES = "/api/v1/mentor-statuses", "/api/v1/changes"
on_postgres = pytest.mark.parametrize("app", ["postgres"], indirect=True)
TOUCH = "UPDATE mentor_status SET last_updated = last_updated WHERE mentor_id = '{}'"


@pytest.fixture
def poll(client):
    """Return a function that follows the changes from a cursor to the end of the round, five items a page.

    It returns the ids of the mentors and the last cursor.
    """

    def ask(since):
        ids, more = [], True
        while more:
            answer = client.get(CHANGES, query_string={"since": since, "limit": 5}).json
            since, more = answer["pagination"]["next"], answer["pagination"]["more"]
            ids += [item["mentor_id"] for item in answer["data"]]
        return ids, since

    return ask


@pytest.fixture
def begin(client):
    """Return a cursor that begins when there are the mentors a to j."""
    for name in "abcdefghij":
        client.post(MENTORS, json={"mentor_id": name})
    return client.get(CHANGES).json["pagination"]["next"]


@pytest.fixture
def another(direct_url):
    """Return a function that connects past the service, in a transaction, to its database or to another one."""
    opened = []

    def connect(database=None):
        url = urlsplit(direct_url)
        path = f"/{database}" if database else url.path
        opened.append(psycopg.connect(url._replace(path=path).geturl()))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


@pytest.mark.parametrize(
    ("snapshot", "writes", "highest"),
    [
        ("0:4:4:", "0:", 3),  # nothing is written yet
        ("7:8:8:", "7:", 7),
        ("7:5:12:5,6,11", "7:5,6", 11),  # what is above the newest is news by its number
        ("7:10:12:10,11", "7:", 11),
        ("7:6:8:", "5:", 7),  # of a standby, on which 6 may be in progress
    ],
)
def test_visible_writes_are_the_newest_one_and_those_before_it_in_progress(snapshot, writes, highest):
    assert PostgresOrder().parse(snapshot) == (writes, highest)


@on_postgres
def test_a_commit_that_is_held_back_is_news_when_it_is_visible_and_not_before(client, poll, begin, another):
    late = another()
    late.execute(TOUCH.format("a"))
    assert poll(begin) == ([], begin)
    client.put(f"{MENTORS}/b", json={"metadata": {"n": 1}, "status": "paused", "pause_start_date": "2026-03-01"})
    ids, meanwhile = poll(begin)
    assert ids == ["b"]
    assert poll(meanwhile) == ([], meanwhile)
    late.commit()
    ids, end = poll(meanwhile)
    assert ids == ["a"]
    assert poll(end) == ([], end)


@on_postgres
def test_several_commits_that_are_held_back_are_each_news_once(poll, begin, another):
    late = [another() for _ in range(8)]
    for connection, name in zip(late, "abcdefgh", strict=True):
        connection.execute(TOUCH.format(name))
    seen, since = [], begin
    for place in (5, 0, 7, 2, 1, 6, 4, 3):  # in another order than they began
        late[place].commit()
        ids, since = poll(since)
        seen += ids
    assert seen == list("fahcbged")
    assert poll(since) == ([], since)


@on_postgres
def test_a_commit_between_two_pages_of_a_round_is_news_to_the_next_round(client, poll, begin, another):
    late = another()
    late.execute(TOUCH.format("a"))
    with db.connection_context():
        db.execute_sql(TOUCH.replace("= '{}'", "> 'b'"))
    first = client.get(CHANGES, query_string={"since": begin, "limit": 3}).json["pagination"]
    assert first["more"] is True
    late.commit()
    ids, end = poll(first["next"])
    assert ids == list("fghij")
    assert poll(end)[0] == ["a"]


@on_postgres
def test_a_transaction_that_is_rolled_back_is_no_news(poll, begin, another):
    late = another()
    late.execute(TOUCH.format("a"))
    late.execute("SAVEPOINT here")
    late.execute(TOUCH.format("b"))
    late.execute("ROLLBACK TO here")
    late.execute(TOUCH.format("c"))
    assert poll(begin) == ([], begin)
    late.commit()
    ids, end = poll(begin)
    assert sorted(ids) == ["a", "c"]
    late.execute(TOUCH.format("a"))
    late.rollback()
    assert poll(end) == ([], end)


@on_postgres
def test_a_transaction_that_is_forgotten_in_another_database_repeats_nothing(client, poll, begin, another):
    with psycopg.connect(another().info.dsn, password="any", autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS elsewhere WITH (FORCE)")
        server.execute("CREATE DATABASE elsewhere")
        forgotten = another("elsewhere")
        forgotten.execute("SELECT pg_current_xact_id()")
        since = begin
        for name in "abc":
            client.put(f"{MENTORS}/{name}", json={"status": "paused", "pause_start_date": "2026-03-01"})
            ids, since = poll(since)
            assert ids == [name]
            assert poll(since) == ([], since)
        forgotten.close()
        server.execute("DROP DATABASE elsewhere WITH (FORCE)")


@pytest.mark.parametrize(
    "sql",
    [
        TOUCH.format("a"),
        "UPDATE pause_record SET reason = 'another' WHERE mentor_id = 'a'",
        "DELETE FROM pause_record WHERE mentor_id = 'a'",
        "INSERT INTO pause_record (mentor_id, start_date, created_at)"
        " VALUES ('a', '2026-12-01T00:00:00Z', '2026-03-01T00:00:00Z')",
        "DELETE FROM mentor_status WHERE mentor_id = 'a'",
    ],
)
def test_a_worker_of_an_earlier_release_makes_news_with_each_row_it_writes(client, poll, begin, sql):
    client.put(f"{MENTORS}/a", json={"status": "paused", "pause_start_date": "2026-03-01"})
    _ids, since = poll(begin)
    with db.connection_context():
        db.execute_sql(sql)
    ids, end = poll(since)
    assert ids == ["a"]
    assert poll(end) == ([], end)


@on_postgres
def test_a_truncated_table_makes_every_cursor_gone(client, begin):
    with db.connection_context():
        db.execute_sql("TRUNCATE pause_record")
    assert client.get(CHANGES, query_string={"since": begin}).status_code == 410
