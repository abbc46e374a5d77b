"""Requests as bytes on a socket of the real server: what only their headers say, and what is not HTTP.

Each answer to what is not HTTP is a problem, and neither it nor the log repeats what was sent.
"""

import io
import json
import re
import socket
from contextlib import ExitStack
from http.client import HTTPResponse

import pytest

from tests.support.server import Server
from tests.support.tables import MENTORS, RECORDS
from web.middleware import BASE


@pytest.fixture(scope="module")
def logging_server(tmp_path_factory):
    """Start the service with all lines that gunicorn can write, on SQLite alone: gunicorn asks no database."""
    url = f"sqlite:///{tmp_path_factory.mktemp('raw')}/file.db"
    with Server(url, WEB_CONCURRENCY=1, GUNICORN_CMD_ARGS="--log-level debug") as server:
        yield server


def head_of(method, path, *headers):
    """Return the head of a request, as bytes."""
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(head).encode()


def connect(server, sent):
    """Connect, send bytes, and return the connection, which stays open for both sides."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(sent)
    return connection


def read_answer(connection):
    """Return the status, the headers and the body of an answer; the connection stays open."""
    response = HTTPResponse(connection)
    response.begin()
    return response.status, response.headers, response.read()


def answer_to(server, sent):
    """Send bytes, and that nothing follows; return the status, the headers and the body of the one answer."""
    with connect(server, sent) as connection:
        connection.shutdown(socket.SHUT_WR)
        received = io.BytesIO(connection.makefile("rb").read())
    received.makefile = lambda _mode: received
    received.close = lambda: None  # what follows the answer is read below
    answer = read_answer(received)
    assert received.read() == b""
    return answer


# --- bodies


def body(mentor_id, size=0):
    """Return a mentor as JSON, padded with blanks to the size."""
    return json.dumps({"mentor_id": mentor_id}).encode().ljust(size)


def chunked(content):
    chunks = [content[start : start + 4096] for start in range(0, len(content), 4096)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])


CODES = {400: "malformed_body", 404: "not_found", 413: "too_large"}
CHUNKED, LENGTH = "Transfer-Encoding: chunked", "Content-Length: {}".format
HUGE = bytes(16 * 1024 * 1024)  # which a client sends before it reads
SENT = {  # the path, the header that says how much there is, the bytes that are sent, and the status
    "65,536 bytes in chunks": (MENTORS, CHUNKED, chunked(body("much", 65_536)), 201),
    "one byte more in chunks": (MENTORS, CHUNKED, chunked(body("refused", 65_537)), 413),
    "16 MiB": (MENTORS, LENGTH(len(HUGE)), HUGE, 413),
    "16 MiB in chunks": (MENTORS, CHUNKED, chunked(HUGE), 413),
    "a byte less than promised": (MENTORS, LENGTH(len(body("refused")) + 1), body("refused"), 400),
    "no last chunk": (MENTORS, CHUNKED, chunked(body("refused"))[:-5], 400),
    "//api": (f"/{MENTORS}", LENGTH(0), b"", 404),
    "a slash at the end": (f"{MENTORS}/", LENGTH(0), b"", 404),
}


@pytest.mark.parametrize(("path", "header", "payload", "status"), SENT.values(), ids=SENT)
def test_a_request_is_read_whole_or_refused(logging_server, path, header, payload, status):
    with connect(logging_server, head_of("POST", path, "Connection: close", header) + payload) as connection:
        connection.shutdown(socket.SHUT_WR)
        answered, headers, content = read_answer(connection)
    assert (answered, json.loads(content).get("code")) == (status, CODES.get(status))
    assert headers["Content-Type"] == ("application/json" if status == 201 else "application/problem+json")
    assert logging_server.request("GET", f"{MENTORS}/refused")[0].status == 404


def test_a_body_that_promises_too_much_is_a_413_from_its_header_alone_and_ends_the_connection(logging_server):
    for method, path in (("POST", MENTORS), ("POST", BASE + MENTORS), ("PUT", f"{MENTORS}/an-id.csv")):
        for length in (65_537, 65_538, 9_000_000_000):
            for expected in ((), ("Expect: 100-continue",)):
                with connect(logging_server, head_of(method, path, LENGTH(length), *expected)) as connection:
                    answer = connection.makefile("rb").read().removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
                head, _, problem = answer.partition(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 413 ")
                assert b"Connection: close" in head.split(b"\r\n")
                assert json.loads(problem)["code"] == "too_large"


def test_a_body_of_65536_bytes_is_asked_for_and_read_and_the_connection_is_kept(logging_server):
    with connect(logging_server, head_of("POST", MENTORS, LENGTH(65_536), "Expect: 100-continue")) as connection:
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body("ada", 65_536))
        assert read_answer(connection)[0] == 201
        connection.sendall(head_of("GET", f"{MENTORS}/ada"))
        assert read_answer(connection)[0] == 200


# --- connections


def test_clients_that_do_not_close_what_the_service_has_closed_hold_up_nobody(logging_server):
    last = head_of("GET", MENTORS, "Connection: close")
    with ExitStack() as held:
        connections = [held.enter_context(connect(logging_server, sent)) for sent in [last, b"no HTTP\r\n\r\n"] * 10]
        assert logging_server.request("GET", "/livez", timeout=10)[0].status == 200
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


def test_no_header_changes_a_path_or_what_is_answered(logging_server):
    for name in ("bob", "eve"):
        assert logging_server.request("POST", MENTORS, {"mentor_id": name})[0].status == 201

    def ask(path, *headers):
        status, answered, content = answer_to(logging_server, head_of("GET", path, "X-Request-ID: the-same", *headers))
        return status, [(name, value) for name, value in answered.items() if name != "Date"], content

    for path in (f"{MENTORS}?limit=1", f"{BASE}{MENTORS}?limit=1", f"{MENTORS}/nobody", "/", "/docs"):
        plain = ask(path)
        for headers in FROM_PROXIES:
            assert ask(path, *headers) == plain, (path, headers)


# --- what is not HTTP

# In capitals, so that each may stand for a method, too; each has bytes that a log may write in another way.
TOKEN, REASON, NOTE = b"CANARYTOKEN8F3A", b"CANARYREASON71B", b"CANARYNOTE0C5D"
SECRETS = [secret.decode() for secret in (TOKEN, REASON, NOTE)]
INVALID = "Invalid request from ip=127.0.0.1: "


def request(line, *headers, body=b""):
    return b"\r\n".join([line, b"Host: localhost", *headers, b"", body])


UNREADABLE = [
    request(f"GET {RECORDS}?reason=Rücken".encode() + REASON + b" HTTP/1.1"),
    request(f"GET {RECORDS}?reason=".encode() + REASON + b" " + NOTE + b" HTTP/1.1"),
    request(f"GET {RECORDS}?reason=".encode() + REASON),
    request(b"GET / " + TOKEN),
    request(b'{"reason":"' + REASON + b'"}'),
    request(b"get" + TOKEN + b" / HTTP/1.1"),
    request(b"GET / HTTP/1.1", b"Authorization Bearer " + TOKEN),
    request(b"GET / HTTP/1.1", TOKEN + b"\xfc: x"),
    request(b"GET / HTTP/1.1", b"Authorization: Bearer", b" " + TOKEN),
    request(b"POST / HTTP/1.1", b"Content-Length: -" + TOKEN),
    request(b"GET /?" + REASON * 600 + b" HTTP/1.1"),
    request(b"GET / HTTP/1.1", b"Cookie: " + TOKEN * 600),
    request(b"GET / HTTP/1.1", *[b"Cookie: " + TOKEN] * 101),
    request(b"POST / HTTP/1.1", b"Transfer-Encoding: " + TOKEN),
    request(b"POST / HTTP/1.1", b"Expect: " + TOKEN),
]


def test_each_is_a_problem_that_says_what_to_do_and_one_line_of_the_log_with_its_id(logging_server):
    for sent in UNREADABLE:
        status, headers, content = answer_to(logging_server, sent)
        problem = json.loads(content)
        assert list(problem) == ["type", "title", "status", "detail", "code", "request_id"]
        assert (status, problem["status"], problem["title"]) == (400, 400, "Bad Request"), sent
        assert problem["code"] == "malformed_body"
        assert problem["detail"].startswith("The request is not valid HTTP/1.1, or its URL or headers are too long; ")
        assert headers["Content-Type"] == "application/problem+json"
        assert headers["X-Request-ID"] == problem["request_id"]
        assert (headers["X-Content-Type-Options"], headers["Cache-Control"][:3]) == ("nosniff", "no-")
        assert headers["Connection"] == "close"
        assert not [secret for secret in SECRETS if secret in content.decode()]
        (line,) = [line for line in logging_server.log().splitlines() if problem["request_id"] in line]
        assert re.search(rf"\[WARNING\] {re.escape(INVALID)}\w+ request_id=\w+$", line)
    assert not [secret for secret in SECRETS if secret in logging_server.log()]
    assert "Traceback" not in logging_server.log()


BROKEN_BODIES = [b"ZZ" + NOTE, b"5\r\n" + NOTE, b"1;" + NOTE + b"=\0\r\nx", b"0\r\n" + NOTE + b"\r\n"]


def test_a_body_that_breaks_off_is_answered_once(logging_server):
    before = logging_server.log().count(INVALID)
    for broken in BROKEN_BODIES:
        for start, status in ((f"POST {MENTORS}", 400), (f"GET {MENTORS}", 200), ("POST /nothing", 404)):
            line = f"{start} HTTP/1.1".encode()
            sent = request(line, b"Transfer-Encoding: chunked", body=broken + b"\r\n\r\n")
            assert answer_to(logging_server, sent)[0] == status
    logged = logging_server.log().count(INVALID) - before
    assert logged == 2 * len(BROKEN_BODIES)  # the service itself has read that of POST
    assert not [secret for secret in SECRETS if secret in logging_server.log()]
