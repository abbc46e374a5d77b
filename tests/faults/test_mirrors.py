"""Mirrors that follow the changes while everything changes, each equal to the list in the end.

The mirror is the program of the guide, docs/mirror.py.
"""

import random
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime
from itertools import product

import psycopg
import pytest

from tests.support.load import PATIENCE
from tests.support.mirrors import LONGEST_AHEAD, MENTORS, Mirror, Writer, walked
from tests.support.postgres import Cluster
from tests.support.proxy import proxy_to
from tests.support.server import Server

pytestmark = pytest.mark.faults

CHANGES = "/api/v1/changes"
WRITERS, SECONDS = 4, 20
TURNS = 3  # in which commits begin that are held back
LIMITS = (7, 100, 1000)
# No clock but that of time.time() is changed; gunicorn looks at how old a file is to see whether a worker lives.
TWO_SECONDS_AHEAD = ("env", "DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1", "faketime", "-f", "+2s")
BROKEN_ANSWERS = [
    b"",
    b"HT",
    b"HTTP/1.1 200 OK\r\nContent-Le",
    b'HTTP/1.1 200 OK\r\n\r\n{"data": [',
    b'HTTP/1.1 200 OK\r\n\r\n{"data": [{"pause_reason": "R\xc3',
    b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"data": [',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"data": [',
    b"HTTP/1.1 500 Internal Server Error\r\n\r\n",
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<h1>Bad Gateway</h1>",
    b"HTTP/1.1 503 Service Unavailable\r\n\r\n",
    b"HTTP/1.1 504 Gateway Timeout\r\n\r\n",
]
# What a worker of another release, or somebody by hand, may write: one of each is held back.
LATE = [
    "INSERT INTO mentor_status (mentor_id, last_updated) VALUES (%s, date_trunc('second', now()))",
    "UPDATE mentor_status SET last_updated = last_updated WHERE mentor_id = %s",
    "UPDATE pause_record SET end_date = date_trunc('second', now()) WHERE mentor_id = %s",
    "UPDATE pause_record SET start_date = date_trunc('second', now()) + interval '1 hour' WHERE mentor_id = %s",
    "DELETE FROM pause_record WHERE mentor_id = %s",
    "DELETE FROM mentor_status WHERE mentor_id = %s",
]


@contextmanager
def mirrored(servers, followed):
    """Write through servers in turns and follow through some of them; in the end each mirror must be as the list."""
    stopping = threading.Event()
    mirrors = [Mirror(followed[number % len(followed)].base_url, limit) for number, limit in enumerate(LIMITS)]
    writers = [Writer(servers[number % len(servers)], number, stopping) for number in range(WRITERS)]
    try:
        for writer in writers:
            writer.start()
        yield
    finally:
        stopping.set()
        for writer in writers:
            writer.join()
    last_change = time.monotonic() + LONGEST_AHEAD
    found = [mirror.mentors_after(last_change) for mirror in mirrors]
    expected = walked(servers[0])
    for server in servers:
        assert walked(server) == expected
    assert sum(writer.written for writer in writers) > 100
    statuses = {status for writer in writers if writer.server in followed for status in writer.statuses}
    assert max(statuses) < 500
    assert len(expected) > 5
    for mentors in found:
        assert mentors == expected


@pytest.mark.parametrize("empty_database", ["sqlite"], indirect=True)
def test_each_mirror_equals_the_list_in_the_end_whatever_is_written_meanwhile(empty_database):
    with Server(empty_database) as server, mirrored([server], [server]):
        time.sleep(SECONDS)


@pytest.mark.parametrize("empty_database", ["sqlite"], indirect=True)
def test_a_mirror_asks_again_if_an_answer_breaks_off_or_a_proxy_has_none(empty_database):
    with Server(empty_database) as server, proxy_to(server) as proxy:
        proxy.instead = BROKEN_ANSWERS * 3
        mirror = Mirror(proxy.base_url, 7)
        for number in range(20):
            server.request("POST", MENTORS, {"mentor_id": f"mentor-{number}"})
        deadline = time.monotonic() + PATIENCE
        while proxy.instead and not mirror.error:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert mirror.mentors_after(time.monotonic()) == walked(server)
        assert proxy.instead == []


def test_a_mirror_ends_if_the_service_refuses_it(tmp_path):
    with Server(f"sqlite:///{tmp_path}/file.db", API_TOKENS="ada:0123456789abcdef") as server:
        mirror = Mirror(server.base_url, 7)
        mirror.thread.join(PATIENCE)
        assert mirror.error.code == 401


@contextmanager
def forgotten(cluster):
    """Leave a transaction open in another database of the cluster, as somebody may have who went home."""
    with cluster.connect() as connection:
        connection.execute("CREATE DATABASE elsewhere")
    with psycopg.connect(cluster.url, dbname="elsewhere") as transaction:
        transaction.execute("SELECT pg_current_xact_id()")
        yield


@contextmanager
def overtaken(cluster):
    """Write past the service to the mentors of the writers, and commit later than who has begun later."""
    stopping = threading.Event()

    def write(number):
        some = random.Random(number)
        with psycopg.connect(cluster.url) as connection:
            while not stopping.is_set():
                name = f"mentor-{some.randrange(WRITERS)}-{some.randrange(15)}"
                connection.execute("SET LOCAL lock_timeout = '100ms'")
                try:
                    connection.execute("UPDATE pause_record SET end_date = NULL WHERE mentor_id = %s", (name,))
                except psycopg.errors.LockNotAvailable:
                    connection.rollback()
                    continue
                stopping.wait(some.uniform(0, 1.5))
                connection.commit()

    with ThreadPoolExecutor(3) as threads:
        written = [threads.submit(write, number) for number in range(3)]
        try:
            yield
        finally:
            stopping.set()
    for each in written:
        each.result()


def commit_late(cluster, sql, name):
    """Write a mentor past the service; return once the standby has it."""
    with cluster.connect() as connection:
        connection.execute("SET synchronous_commit = on")
        connection.execute(sql, (name,))


def test_each_mirror_equals_the_list_in_the_end_whatever_else_happens_to_postgres():
    if not shutil.which("faketime"):
        pytest.skip("needs faketime: apt-get install faketime (Debian)")
    with Cluster() as primary, Cluster(primary=primary) as standby, ExitStack() as stack:
        with primary.connect() as connection:
            connection.execute("ALTER SYSTEM SET synchronous_commit = 'local'")  # but for who says otherwise
            connection.execute("SELECT pg_reload_conf()")
        servers = server, ahead = [
            stack.enter_context(Server(primary.url, **how)) for how in ({}, {"within": TWO_SECONDS_AHEAD})
        ]
        assert 1 <= (clock_of(ahead) - clock_of(server)).total_seconds() <= 3
        for turn, number in product(range(TURNS), range(1, len(LATE))):  # the first one creates theirs
            mentor = {"mentor_id": f"late-{turn}-{number}", "status": "paused"}
            assert server.request("POST", MENTORS, mentor)[0].status == 201
        with forgotten(primary), mirrored(servers, [server, ahead]), overtaken(primary):
            with ThreadPoolExecutor(TURNS * len(LATE)) as threads, standby.frozen():
                late = []
                for turn in range(TURNS):
                    names = [f"late-{turn}-{number}" for number in range(len(LATE))]
                    late += [threads.submit(commit_late, primary, *each) for each in zip(LATE, names, strict=True)]
                    time.sleep(SECONDS / TURNS)
                assert not any(commit.done() for commit in late)
            for commit in late:
                commit.result()
        assert server.request("GET", f"{MENTORS}/late-0-0")[0].status == 200


def clock_of(server):
    return parsedate_to_datetime(server.request("GET", "/livez")[0].headers["Date"])


def test_after_a_failover_and_in_a_standby_a_cursor_of_before_is_gone():
    with Cluster() as primary, Cluster(primary=primary) as standby:
        hosts = ",".join(f"127.0.0.1:{cluster.port}" for cluster in (primary, standby))
        with Server(f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write") as server:
            cursor = server.request("GET", CHANGES)[1]["pagination"]["next"]
            assert server.request("GET", f"{CHANGES}?since={cursor}")[0].status == 200
            primary.kill9()
            assert standby.says("pg_promote()")
            standby.wait_until(lambda: server.request("GET", f"{CHANGES}?since={cursor}")[0].status != 503)
            response, problem = server.request("GET", f"{CHANGES}?since={cursor}")
            assert (response.status, problem["code"]) == (410, "cursor_gone")
            anew = server.request("GET", CHANGES)[1]["pagination"]["next"]
            assert server.request("GET", f"{CHANGES}?since={anew}")[0].status == 200


def test_after_a_crash_of_postgres_a_cursor_of_before_is_still_good():
    with Cluster() as postgres, Server(postgres.url) as server:
        server.request("POST", MENTORS, {"mentor_id": "ada"})
        cursor = server.request("GET", CHANGES)[1]["pagination"]["next"]
        with postgres.connect() as connection:  # numbers that leave nothing on the disk, and are given again
            for _ in range(5):
                connection.execute("BEGIN; SELECT pg_current_xact_id(); ROLLBACK")
        postgres.kill9()
        postgres.start()
        postgres.wait_until(
            lambda: server.request("PUT", f"{MENTORS}/ada", {"status": "paused"})[0].status in (200, 201)
        )
        response, answer = server.request("GET", f"{CHANGES}?since={cursor}")
        assert response.status == 200
        assert [(item["mentor_id"], item["is_paused"]) for item in answer["data"]] == [("ada", True)]
