"""Requests that gunicorn cannot read: each answer is a problem, and neither it nor the log repeats what was sent."""

import io
import json
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
def server(tmp_path_factory):
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
    (request(b"GET " + RECORDS + "?reason=Rücken".encode() + REASON + b" HTTP/1.1"), 400, "InvalidRequestLine"),
    (request(b"GET " + RECORDS + b"?reason=" + REASON + b" " + NOTE + b" HTTP/1.1"), 400, "InvalidHTTPVersion"),
    (request(b"GET " + RECORDS + b"?reason=" + REASON), 400, "InvalidRequestLine"),
    (request(b"GET " + RECORDS + b"?reason=" + REASON + b"\n HTTP/1.1"), 400, "InvalidRequestLine"),
    (request(b"GET " + REASON + b" HTTP/1.1"), 400, "InvalidRequestLine"),
    (request(b"GET / " + TOKEN), 400, "InvalidHTTPVersion"),
    (request(b'{"reason":"' + REASON + b'"}'), 400, "InvalidRequestLine"),
    (request(b"get" + TOKEN + b" / HTTP/1.1"), 400, "InvalidRequestMethod"),
    (request(b"GET / HTTP/1.1", b"Authorization Bearer " + TOKEN), 400, "InvalidHeader"),
    (request(b"GET / HTTP/1.1", b"Authorization : Bearer " + TOKEN), 400, "InvalidHeaderName"),
    (request(b"GET / HTTP/1.1", TOKEN + b"\xfc: x"), 400, "InvalidHeaderName"),
    (request(b"GET / HTTP/1.1", b"Authorization: Bearer", b" " + TOKEN), 400, "ObsoleteFolding"),
    (request(b"GET / HTTP/1.1", b"Authorization: Bearer\0" + TOKEN), 400, "InvalidHeader"),
    (request(b"GET / HTTP/1.1", b"Host: " + TOKEN), 400, "InvalidHeader"),
    (request(b"POST / HTTP/1.1", b"Content-Length: 1", b"Content-Length: " + TOKEN), 400, "InvalidHeader"),
    (request(b"POST / HTTP/1.1", b"Content-Length: -" + TOKEN), 400, "InvalidHeader"),
    (request(b"POST / HTTP/1.1", b"Transfer-Encoding: gzip"), 400, "InvalidHeader"),
    (request(b"GET /?" + REASON * 600 + b" HTTP/1.1"), 414, "LimitRequestLine"),
    (request(b"GET / HTTP/1.1", b"Cookie: " + TOKEN * 600), 431, "LimitRequestHeaders"),
    (request(b"GET / HTTP/1.1", *[b"Cookie: " + TOKEN] * 101), 431, "LimitRequestHeaders"),
    (request(b"POST / HTTP/1.1", b"Transfer-Encoding: " + TOKEN), 501, "UnsupportedTransferCoding"),
    (request(b"POST / HTTP/1.1", b"Expect: " + TOKEN), 417, "ExpectationFailed"),
]
CODES_AND_DETAILS = {
    400: (
        "malformed_body",
        "The request is not valid HTTP/1.1; percent-encode blanks and all that is not ASCII in the URL, "
        "and write each header once, as NAME: VALUE.",
    ),
    414: ("too_large", "The URL is too long; send a shorter one, for example with fewer ids."),
    417: ("not_implemented", "Expect may only be 100-continue; leave the header out."),
    431: ("too_large", "The headers are too many or too long; send fewer or shorter ones."),
    501: ("not_implemented", "Transfer-Encoding may only be chunked; leave it out."),
}


def test_each_status_is_a_problem_that_says_what_to_do_and_one_line_of_the_log_with_its_id(server):
    for sent, status, kind in UNREADABLE:
        (answer,) = answers_in(exchange(server, sent))
        problem = assert_whole_problem(answer)
        assert (problem["status"], problem["code"], problem["detail"]) == (status, *CODES_AND_DETAILS[status]), sent
        assert answer[1]["Connection"] == "close"
        assert not [secret for secret in SECRETS if secret in answer[2].decode()]
        (line,) = [line for line in server.log().splitlines() if problem["request_id"] in line]
        assert "[WARNING]" in line and kind in line and str(status) in line, line
    assert not [secret for secret in SECRETS if secret in server.log()]
    assert "Traceback" not in server.log()


def test_a_fault_of_the_service_is_a_500_whose_line_has_the_kind_and_the_traceback_without_its_text(tmp_path):
    under_a_path = {"SCRIPT_NAME": "/mentors", "LOG_FORMAT": "json"}  # gunicorn fails on every other path
    with Server(f"sqlite:///{tmp_path}/file.db", **under_a_path) as server:
        kinds = {500: "ConfigurationProblem", 400: "InvalidRequestLine"}
        answers = [answers_in(exchange(server, sent))[0] for sent in (request(), UNREADABLE[0][0])]
        lines = [json.loads(line) for line in server.log().splitlines()]
    assert [answer[0] for answer in answers] == [500, 400]
    for answer in answers:
        problem = assert_whole_problem(answer)
        (line,) = [line for line in lines if problem["request_id"] in line["message"]]
        assert kinds[answer[0]] in line["message"]
        assert (line["level"], "in handle" in line["message"]) == (
            ("ERROR", True) if answer[0] == 500 else ("WARNING", False)
        )
        assert MENTORS.decode() not in line["message"] and SECRETS[1] not in line["message"]


BROKEN_BODIES = [b"ZZ" + NOTE, b"5\r\n" + NOTE, b"1;" + NOTE + b"=\0\r\nx", b"0\r\n" + NOTE + b"\r\n"]


def test_a_body_that_breaks_off_is_answered_once(server):
    before = server.log().count("Invalid body")
    for broken in BROKEN_BODIES:
        chunked = request(b"%s %s HTTP/1.1", b"Transfer-Encoding: chunked", body=broken + b"\r\n\r\n")
        for method, path, status in ((b"POST", MENTORS, 400), (b"GET", MENTORS, 200), (b"POST", b"/nothing", 404)):
            (answer,) = answers_in(exchange(server, chunked % (method, path)))
            assert answer[0] == status
    assert server.log().count("Invalid body from ip=127.0.0.1") - before == 2 * len(BROKEN_BODIES)  # POST has read it
    assert not [secret for secret in SECRETS if secret in server.log()]
