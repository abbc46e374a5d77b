"""The table of 60,000 mentors over the network: whole or visibly broken off, in constant memory, in nobody's way."""

import http.client
import shutil
import socket
import sqlite3
import subprocess
from contextlib import ExitStack, contextmanager

import psutil
import psycopg
import pytest

from tests.conftest import new_database
from tests.support.server import Server

TABLE = "/api/v1/mentor-statuses.csv"
COUNT = 60_000  # more than the buffers of a connection hold
INSERT = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    " INSERT INTO mentor_status (mentor_id, last_updated) SELECT printf('m%06d', i), '2026-01-01T00:00:00Z' FROM n",
    "postgresql": "INSERT INTO mentor_status (mentor_id, last_updated)"
    " SELECT 'm' || lpad(i::text, 6, '0'), '2026-01-01T00:00:00Z' FROM generate_series(1, {count}) AS i",
}


def execute(url, sql):
    """Run a statement past the service."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(sql)
        connection.close()
    else:
        with psycopg.connect(url) as connection:
            connection.execute(sql)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(request, tmp_path_factory):
    """Start a server of one worker, whose database has many mentors; `url` is that of the database."""
    with new_database(request, tmp_path_factory.mktemp("downloads")) as url, Server(url, WEB_CONCURRENCY=1) as server:
        execute(url, INSERT[url.partition(":")[0]].format(count=COUNT))
        server.url = url
        yield server


@contextmanager
def slow_download(server):
    """Ask for the table with small buffers, and read its status and headers alone."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(30)
        client.connect(("127.0.0.1", server.port))
        client.sendall(f"GET {TABLE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        response = http.client.HTTPResponse(client)
        response.begin()
        yield response


def read_over_http_1_0(server, path):
    """Return the headers and the body of the answer to a request of HTTP/1.0."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        response = http.client.HTTPResponse(client)
        response.begin()
        return response.headers, response.read()


def download(server, path=TABLE):
    """Return the body of a whole table."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path)
    response = connection.getresponse()
    assert (response.status, response.headers["Transfer-Encoding"]) == (200, "chunked")
    body = response.read()
    connection.close()
    return body


def test_a_table_of_60_000_mentors_has_a_line_each_and_takes_constant_memory(server):
    (worker,) = psutil.Process(server.process.pid).children()

    def peak():  # MiB
        with open(f"/proc/{worker.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

    assert download(server, f"{TABLE}?mentor_id=m000001").count(b"\r\n") == 2
    before = peak()
    table = download(server)
    assert table.count(b"\r\n") == COUNT + 1
    assert peak() - before < 20


def test_over_http_1_0_a_table_has_its_length_instead_of_chunks(server):
    headers, body = read_over_http_1_0(server, TABLE)
    assert (int(headers["Content-Length"]), headers["Transfer-Encoding"]) == (len(body), None)
    assert body.count(b"\r\n") == COUNT + 1


def test_more_slow_downloads_than_connections_keep_nobody_from_reading_and_writing(server):
    with ExitStack() as stack:
        for _ in range(20):  # of the pool's connections there are 8
            assert stack.enter_context(slow_download(server)).status == 200
        for number in range(10):
            response, _ = server.request("GET", f"/api/v1/mentor-statuses/m{number + 1:06}")
            assert response.status == 200
            paused = {"status": "paused", "pause_reason": f"reason {number}"}
            response, _ = server.request("PUT", "/api/v1/mentor-statuses/m000001", paused)
            assert response.status == 200


def test_curl_ends_with_an_error_where_the_database_fails_midway(server):
    if not shutil.which("curl"):
        pytest.skip("needs curl: apt-get install curl (Debian)")
    command = ["curl", "-sS", "--limit-rate", "1M", f"http://127.0.0.1:{server.port}{TABLE}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as curl:
        assert curl.stdout.readline().startswith(b"mentor_id,status,")
        execute(server.url, "ALTER TABLE mentor_status RENAME TO mentor_status_gone")
        try:
            table, message = curl.communicate(timeout=60)
        finally:
            execute(server.url, "ALTER TABLE mentor_status_gone RENAME TO mentor_status")
    assert table.count(b"\r\n") < COUNT
    assert curl.returncode in (18, 56), message  # a partial file, or a connection that was reset
    assert message.startswith(b"curl: ")


def test_a_database_that_fails_midway_breaks_the_transfer_off_and_the_log_says_so_without_its_text(server):
    with slow_download(server) as response:
        execute(server.url, "ALTER TABLE mentor_status RENAME TO mentor_status_gone")
        try:
            with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
                response.read()
        finally:
            execute(server.url, "ALTER TABLE mentor_status_gone RENAME TO mentor_status")
    assert f"ERROR method=GET path={TABLE} error=" in server.log()
    assert "Traceback" not in server.log()
    assert download(server).count(b"\r\n") == COUNT + 1
