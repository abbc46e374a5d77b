"""gunicorn and its workers are killed, reloaded and stopped under load: what was acknowledged stays, and is answered.

What cannot be promised: while gunicorn drains after SIGTERM, the kernel still takes new connections, which no worker
will accept, and resets them when the last worker is gone. So a connection may break, but only before it was served.
"""

import http.client
import json
import socket
from contextlib import ExitStack, closing, suppress

import pytest

from tests.support.databases import EMPTY_POSTGRES, EMPTY_SQLITE
from tests.support.load import BROKEN, MENTORS, KeepAlive, Load, lost
from tests.support.server import STOP_SECONDS, Server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.faults

ENOUGH, FEW = 100, 20  # writes
PAUSES = "/api/v1/pause-records"


def assert_nothing_is_lost_or_half_there(server, acknowledged):
    assert not lost(server, acknowledged)
    # Every mentor was created with a pause, so one without it would be half a write.
    assert total(server, f"{MENTORS}?status=active") == 0
    assert total(server, MENTORS) == total(server, PAUSES)


def total(server, path):
    return server.request("GET", path)[1]["pagination"]["total"]


# --- SIGKILL


def test_kill_9_of_master_and_workers_loses_nothing_that_was_acknowledged(empty_database):
    with Server(empty_database, WEB_CONCURRENCY=2) as server, ExitStack() as later:
        with Load(server) as load:
            load.wait_for(ENOUGH)
            server.kill9()
            load.wait_for_answers()
            again = later.enter_context(Server(empty_database, server.port))
            load.wait_for(1)
            load.forget()
            load.wait_for(ENOUGH)
            assert load.statuses() == {200, 201}
        assert total(again, MENTORS) <= len(load.acknowledged) + load.writers  # written, and killed before the answer
        assert_nothing_is_lost_or_half_there(again, load.acknowledged)


@EMPTY_SQLITE
def test_kill_9_of_a_worker_breaks_only_what_it_was_answering_and_the_master_starts_another(empty_database):
    with Server(empty_database, WEB_CONCURRENCY=2) as server:
        with Load(server) as load:
            load.wait_for(ENOUGH)
            for _ in range(2):  # in the end nobody is left but those started since
                load.forget()
                server.kill_a_worker()
                load.wait_for(ENOUGH)
                assert load.statuses() <= {200, 201, BROKEN}
                broken = load.outcomes["GET", BROKEN] + load.outcomes["POST", BROKEN]
                assert broken <= load.writers + load.readers  # each had one request under way
            load.wait_for_answers()
            load.forget()
            load.wait_for(ENOUGH)
            assert load.statuses() == {200, 201}
        assert_nothing_is_lost_or_half_there(server, load.acknowledged)


# --- SIGHUP


@EMPTY_POSTGRES
def test_during_reloads_every_request_succeeds(empty_database):
    with Server(empty_database, WEB_CONCURRENCY=2) as server:
        with KeepAlive(server) as kept, Load(kept, 2, 1) as on_kept, Load(server, 2, 1) as on_new:
            on_new.wait_for(FEW)
            for _ in range(2):
                server.reload()
                on_kept.wait_for(FEW)
                on_new.wait_for(FEW)
            assert on_kept.statuses() == on_new.statuses() == {200, 201}
        assert server.log().count("Booting worker") == 3 * 2
        assert kept.reused > len(on_kept.acknowledged) / 2
        assert_nothing_is_lost_or_half_there(server, on_kept.acknowledged + on_new.acknowledged)


# --- SIGTERM


def send_half(server, mentor_id):
    """Send a POST but for the last byte of its body; return the connection."""
    body = json.dumps({"mentor_id": mentor_id, "status": "paused", "pause_reason": "workload"}).encode()
    head = f"POST {MENTORS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(head.encode() + body[:-1])
    return connection


def is_draining(connection):
    """Say whether a worker says on a kept connection that it is about to stop."""
    connection.request("GET", "/livez")
    response = connection.getresponse()
    response.read()
    return response.headers.get("Connection") == "close"


@EMPTY_SQLITE
def test_what_was_sent_before_sigterm_is_answered_and_nothing_is_written_unanswered(empty_database):
    halves = [f"half-{number}" for number in range(8)]
    with ExitStack() as held, Server(empty_database, WEB_CONCURRENCY=2) as server:
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as kept, Load(server) as load:
            load.wait_for(ENOUGH)
            connections = [held.enter_context(send_half(server, mentor_id)) for mentor_id in halves]
            # Connections are accepted in the order they came: once later ones are answered, a worker has these.
            load.wait_for(load.writers + 1)  # so many answers less one may be on their way
            assert not is_draining(kept)
            server.process.terminate()
            wait_until(lambda: is_draining(kept))
            for connection in connections:
                connection.sendall(b"}")
            for connection in connections:
                response = held.enter_context(closing(http.client.HTTPResponse(connection)))
                response.begin()
                assert response.status == 201
            assert server.has_ended_within(STOP_SECONDS / 2), server.log()
            assert server.process.returncode == 0
        assert load.statuses() <= {200, 201, BROKEN}
    with Server(empty_database, server.port) as again:
        acknowledged = load.acknowledged + halves
        assert total(again, MENTORS) == len(acknowledged)
        assert_nothing_is_lost_or_half_there(again, acknowledged)


# --- slow clients


def test_slow_clients_delay_no_other_client_and_no_stop_of_the_server(tmp_path):
    """Some clients wait, silent or in the midst of a request, and some send one byte more every now and then."""
    with Server(f"sqlite:///{tmp_path}/file.db", WEB_CONCURRENCY=2) as server, ExitStack() as held:

        def connect(count, start):
            address = "127.0.0.1", server.port
            connections = [held.enter_context(socket.create_connection(address, timeout=30)) for _ in range(count)]
            for connection in connections:
                connection.sendall(start)
            return connections

        def drip():
            for connection in dripping:
                with suppress(OSError):  # the server is gone
                    connection.sendall(b" ")

        head = f"POST {MENTORS} HTTP/1.1\r\nHost: localhost\r\n".encode()
        connect(50, b"")
        connect(25, head[:9])
        connect(25, head)
        dripping = connect(25, head + b"X-Slow: ") + connect(25, head + b"Content-Length: 60000\r\n\r\n")
        for _ in range(3):
            drip()
            # Less than the time-out if one worker has got all slow clients: the silent hold a thread for 5 s.
            assert server.request("GET", "/livez", timeout=10)[0].status == 200
        assert server.request("POST", MENTORS, {"mentor_id": "ada"}, timeout=10)[0].status == 201

        def has_ended():
            drip()
            return server.has_ended_within(0.5)

        server.process.terminate()
        wait_until(has_ended, server.log)
        assert server.process.returncode == 0
