"""Requests that are not HTTP: each answer is a problem, and neither it nor the log repeats what was sent."""

import io
import json
import re
import socket
from http.client import HTTPResponse

import pytest
from werkzeug.http import HTTP_STATUS_CODES

from tests.support.server import Server

MENTORS = b"/api/v1/mentor-statuses"
RECORDS = b"/api/v1/pause-records"
# In capitals, so that each may stand for a method, too; each has bytes that a log may write in another way.
TOKEN, REASON, NOTE = b"CANARYTOKEN8F3A", b"CANARYREASON71B", b"CANARYNOTE0C5D"
SECRETS = [secret.decode() for secret in (TOKEN, REASON, NOTE)]


@pytest.fixture(scope="module")
def logging_server(tmp_path_factory):
    """Start the service with all lines that gunicorn can write, on SQLite alone: gunicorn asks no database."""
    url = f"sqlite:///{tmp_path_factory.mktemp('unreadable')}/file.db"
    with Server(url, GUNICORN_CMD_ARGS="--log-level debug") as server:
        yield server


def exchange(server, sent):
    """Send bytes, and that nothing follows; return all bytes of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()


def answers_in(received):
    """Return the answers that came on a connection, each as (status, headers, body); raises if one is not whole."""
    stream = io.BytesIO(received)
    stream.makefile = lambda _mode: stream
    stream.close = lambda: None  # the next answer is in it
    answers = []
    while stream.tell() < len(received):
        response = HTTPResponse(stream)
        response.begin()
        answers.append((response.status, response.headers, response.read()))
    return answers


def assert_whole_problem(answer):
    """Assert that an answer is a whole problem, whose id is in its header, too; return it."""
    status, headers, body = answer
    assert headers["Content-Type"] == "application/problem+json"
    problem = json.loads(body)
    assert list(problem) == ["type", "title", "status", "detail", "code", *problem.keys() & {"errors"}, "request_id"]
    assert (problem["status"], problem["title"]) == (status, HTTP_STATUS_CODES[status])
    assert headers["X-Request-ID"] == problem["request_id"]
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"][:3]) == ("nosniff", "no-")
    return problem


def request(line=b"GET " + MENTORS + b" HTTP/1.1", *headers, body=b""):
    return b"\r\n".join([line, b"Host: localhost", *headers, b"", body])


UNREADABLE = [
    request(b"GET " + RECORDS + "?reason=Rücken".encode() + REASON + b" HTTP/1.1"),
    request(b"GET " + RECORDS + b"?reason=" + REASON + b" " + NOTE + b" HTTP/1.1"),
    request(b"GET " + RECORDS + b"?reason=" + REASON),
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
        (answer,) = answers_in(exchange(logging_server, sent))
        problem = assert_whole_problem(answer)
        assert (problem["status"], problem["code"]) == (400, "malformed_body"), sent
        assert problem["detail"].startswith("The request is not valid HTTP/1.1, or its URL or headers are too long; ")
        assert answer[1]["Connection"] == "close"
        assert not [secret for secret in SECRETS if secret in answer[2].decode()]
        (line,) = [line for line in logging_server.log().splitlines() if problem["request_id"] in line]
        assert re.search(r"\[WARNING\] Invalid request from ip=127\.0\.0\.1: \w+ request_id=\w+$", line)
    assert not [secret for secret in SECRETS if secret in logging_server.log()]
    assert "Traceback" not in logging_server.log()


BROKEN_BODIES = [b"ZZ" + NOTE, b"5\r\n" + NOTE, b"1;" + NOTE + b"=\0\r\nx", b"0\r\n" + NOTE + b"\r\n"]


def test_a_body_that_breaks_off_is_answered_once(logging_server):
    before = logging_server.log().count("Invalid request from ip=127.0.0.1: ")
    for broken in BROKEN_BODIES:
        chunked = request(b"%s %s HTTP/1.1", b"Transfer-Encoding: chunked", body=broken + b"\r\n\r\n")
        for method, path, status in ((b"POST", MENTORS, 400), (b"GET", MENTORS, 200), (b"POST", b"/nothing", 404)):
            (answer,) = answers_in(exchange(logging_server, chunked % (method, path)))
            assert answer[0] == status
    logged = logging_server.log().count("Invalid request from ip=127.0.0.1: ") - before
    assert logged == 2 * len(BROKEN_BODIES)  # the service itself has read that of POST
    assert not [secret for secret in SECRETS if secret in logging_server.log()]
