"""Requests as bytes on a socket of the real server: what only their headers say."""

import json
import socket
from contextlib import ExitStack, contextmanager
from http.client import HTTPResponse

import pytest

from tests.support.server import Server
from web.middleware import BASE

MENTORS = "/api/v1/mentor-statuses"


@contextmanager
def connected(server, method, path, *headers):
    """Connect, send the head of a request, and yield the connection, which stays open for both sides."""
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers, "", ""]
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall("\r\n".join(head).encode())
        yield connection


def answer_on(connection):
    """Return an answer, and its body read as JSON; the connection stays open."""
    response = HTTPResponse(connection)
    response.begin()
    return response, json.loads(response.read())


@pytest.fixture(scope="module")
def one_worker(tmp_path_factory):
    """Start a server of one worker for the tests of this file."""
    with Server(f"sqlite:///{tmp_path_factory.mktemp('raw')}/file.db", WEB_CONCURRENCY=1) as server:
        yield server


# --- bodies


def test_a_body_that_promises_too_much_is_a_413_from_its_header_alone_and_ends_the_connection(one_worker):
    for path in (MENTORS, BASE + MENTORS):
        for length in (65_537, 65_538, 9_000_000_000):
            for expected in ((), ("Expect: 100-continue",)):
                with connected(one_worker, "POST", path, f"Content-Length: {length}", *expected) as connection:
                    answer = connection.makefile("rb").read().removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
                    head, _, problem = answer.partition(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 413 ")
                assert b"Connection: close" in head.split(b"\r\n")
                assert json.loads(problem)["code"] == "too_large"


def test_a_body_of_65536_bytes_is_asked_for_and_read_and_the_connection_is_kept(one_worker):
    content = json.dumps({"mentor_id": "ada"}).encode().ljust(65_536)
    headers = f"Content-Length: {len(content)}", "Expect: 100-continue"
    with connected(one_worker, "POST", MENTORS, *headers) as connection:
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(content)
        created, mentor = answer_on(connection)
        assert (created.status, mentor["mentor_id"]) == (201, "ada")
        connection.sendall(f"GET {MENTORS}/ada HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert answer_on(connection)[0].status == 200


# --- connections


def test_clients_that_do_not_close_what_the_service_has_closed_hold_up_nobody(tmp_path):
    last = f"GET {MENTORS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    with Server(f"sqlite:///{tmp_path}/file.db", WEB_CONCURRENCY=1) as server, ExitStack() as held:
        connections = []
        for sent in [last, b"no HTTP\r\n\r\n"] * 10:
            connections.append(held.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30)))
            connections[-1].sendall(sent)
        assert server.request("GET", "/livez", timeout=10)[0].status == 200
        answers = [connection.makefile("rb").read() for connection in connections]
    assert [answer.partition(b" ")[2][:3] for answer in answers] == [b"200", b"400"] * 10


# --- headers

# What proxies send, and what servers or frameworks may take for the path, the method or the address of the service.
FROM_PROXIES = [
    ("SCRIPT_NAME: /api",),
    ("SCRIPT_NAME: /nowhere",),
    (f"SCRIPT_NAME: {MENTORS}",),
    ("Script-Name: /api", "X-Script-Name: /api", "X-Forwarded-Prefix: /api"),
    ("PATH_INFO: /livez", "X-Original-URL: /livez", "X-Rewrite-URL: /livez", "REQUEST_URI: /livez"),
    ("X-HTTP-Method-Override: DELETE", "X-Method-Override: DELETE", "REQUEST_METHOD: DELETE"),
    ("X-Forwarded-Host: evil.example", "X-Forwarded-Port: 1", "X-Forwarded-For: 10.0.0.1", "REMOTE_USER: root"),
    ("X-Forwarded-Proto: https", "X-Forwarded-Ssl: off"),
    ("Forwarded: for=10.0.0.1;host=evil.example;proto=https", "QUERY_STRING: limit=2", "wsgi.url_scheme: https"),
]


def test_no_header_changes_a_path_or_what_is_answered(one_worker):
    assert [one_worker.request("POST", MENTORS, {"mentor_id": name})[0].status for name in ("bob", "eve")] == [201, 201]

    def ask(path, *headers):
        with connected(one_worker, "GET", path, "X-Request-ID: the-same", "Connection: close", *headers) as connection:
            head, _, content = connection.makefile("rb").read().partition(b"\r\n\r\n")
        return [line for line in head.split(b"\r\n") if not line.startswith(b"Date: ")], content

    for path in (f"{MENTORS}?limit=1", f"{BASE}{MENTORS}?limit=1", f"{MENTORS}/nobody", "/", "/docs"):
        plain = ask(path)
        for headers in FROM_PROXIES:
            assert ask(path, *headers) == plain, (path, headers)
