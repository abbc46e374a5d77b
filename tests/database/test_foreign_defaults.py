"""A Postgres with another client encoding or isolation as its default answers as any other."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.support.commands import command, run
from tests.support.server import Server

pytestmark = [
    pytest.mark.direct,
    pytest.mark.parametrize("empty_database", ["postgres"], indirect=True),
]
MENTORS = "/api/v1/mentor-statuses"
REASON = "Rücken, 背中"


def set_default(url, name, value):
    database = urlsplit(url).path[1:]
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {database} SET {name} = '{value}'")


@pytest.mark.parametrize(
    ("place", "encoding"), [("the environment", "LATIN1"), ("the database", "SQL_ASCII"), ("the URL", "LATIN1")]
)
def test_text_is_kept_as_it_was_sent_whatever_the_client_encoding_is_by_default(empty_database, place, encoding):
    environ = {"PGCLIENTENCODING": encoding} if place == "the environment" else {}
    url = empty_database
    if place == "the database":
        set_default(url, "client_encoding", encoding)
    elif place == "the URL":
        url += f"{'&' if '?' in url else '?'}client_encoding={encoding}"
    with Server(url, WEB_CONCURRENCY=1, **environ) as server:
        sent = {"mentor_id": "ada", "status": "paused", "pause_reason": REASON}
        assert server.request("POST", MENTORS, sent)[0].status == 201
        assert server.request("GET", f"{MENTORS}/ada")[1]["pause_reason"] == REASON


@pytest.mark.parametrize("isolation", ["serializable"])
def test_reads_and_writes_at_once_are_all_answered_whatever_the_isolation_is_by_default(empty_database, isolation):
    set_default(empty_database, "default_transaction_isolation", isolation)
    with Server(empty_database, WEB_CONCURRENCY=2) as server:
        assert server.request("POST", MENTORS, {"mentor_id": "ada"})[0].status == 201

        def write_and_read(number):
            body = {"metadata": {"number": number}} if number % 4 else {"status": ("active", "paused")[number % 8 // 4]}
            requests = ("PUT", f"{MENTORS}/ada", body), ("GET", f"{MENTORS}?status=paused", None)
            return [server.request(*request)[0].status for request in requests]

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(write_and_read, range(100))) == [[200, 200]] * 100


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_text_stops_the_start_in_one_line(empty_database, encoding):
    name = f"{urlsplit(empty_database).path[1:]}_{encoding.lower()}"
    with psycopg.connect(empty_database, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        try:
            code, _printed, errors = run(
                command("migrate"), urlsplit(empty_database)._replace(path=f"/{name}").geturl()
            )
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    line = f"DATABASE_URL: the encoding of the database is {encoding}; create it with ENCODING 'UTF8'."
    assert (code, errors) == (1, [line])
