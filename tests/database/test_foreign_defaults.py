"""A Postgres with another client encoding or isolation as its default answers as any other."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.support.commands import app_on, flask, migrated
from tests.support.databases import EMPTY_POSTGRES

pytestmark = [pytest.mark.direct, EMPTY_POSTGRES]
MENTORS = "/api/v1/mentor-statuses"
REASON = "Rücken, 背中"


def set_default(url, name, value):
    database = urlsplit(url).path[1:]
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {database} SET {name} = '{value}'")


@pytest.mark.parametrize("place", ["the environment", "the database", "the URL"])
def test_text_is_kept_as_it_was_sent_whatever_the_client_encoding_is_by_default(empty_database, place, monkeypatch):
    url = migrated(empty_database)
    if place == "the environment":
        monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    elif place == "the database":
        set_default(url, "client_encoding", "LATIN1")
    else:
        url += f"{'&' if '?' in url else '?'}client_encoding=SQL_ASCII"
    with app_on(url) as app:
        sent = {"mentor_id": "ada", "status": "paused", "pause_reason": REASON}
        assert app.test_client().post(MENTORS, json=sent).status_code == 201
        assert app.test_client().get(f"{MENTORS}/ada").json["pause_reason"] == REASON


def test_reads_and_writes_at_once_are_all_answered_whatever_the_isolation_is_by_default(empty_database):
    set_default(migrated(empty_database), "default_transaction_isolation", "serializable")
    with app_on(empty_database) as app, ThreadPoolExecutor(8) as pool:
        assert app.test_client().post(MENTORS, json={"mentor_id": "ada"}).status_code == 201

        def write_and_read(number):
            client = app.test_client()
            body = {"metadata": {"number": number}} if number % 4 else {"status": ("active", "paused")[number % 8 // 4]}
            answers = client.put(f"{MENTORS}/ada", json=body), client.get(f"{MENTORS}?status=paused")
            return [answer.status_code for answer in answers]

        assert list(pool.map(write_and_read, range(100))) == [[200, 200]] * 100


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_text_stops_the_start_in_one_line(empty_database, encoding):
    name = f"{urlsplit(empty_database).path[1:]}_{encoding.lower()}"
    with psycopg.connect(empty_database, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        try:
            ended = flask(urlsplit(empty_database)._replace(path=f"/{name}").geturl(), "migrate")
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    line = f"DATABASE_URL: the encoding of the database is {encoding}; create it with ENCODING 'UTF8'."
    assert ended == (1, [line])
