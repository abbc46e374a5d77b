"""The table of 20,000 mentors over the network: whole, with its length, and in nobody's way."""

import http.client
import socket
from contextlib import ExitStack, contextmanager

import pytest

from benchmarks.data import fill
from tests.conftest import new_database
from tests.support.commands import app_on, migrated
from tests.support.server import Server

TABLE = "/api/v1/mentor-statuses.csv"
COUNT = 20_000  # more than the buffers of a connection hold
CLIENTS = 10  # the pool has 8 connections


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def crowded_server(request, tmp_path_factory):
    """Start a server whose database has many mentors."""
    folder = tmp_path_factory.mktemp("downloads")
    with new_database(request.param, request, folder) as url:
        with app_on(migrated(url)):
            fill(COUNT)
        with Server(url) as server:
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


def test_more_slow_downloads_than_connections_keep_nobody_from_reading_and_writing(crowded_server):
    with ExitStack() as stack:
        for _ in range(CLIENTS):
            table = stack.enter_context(slow_download(crowded_server))
            assert table.status == 200
        for number in range(10):
            response, _ = crowded_server.request("GET", f"/api/v1/mentor-statuses/mentor-{number + 1:07}")
            assert response.status == 200
            paused = {"status": "paused", "pause_reason": f"reason {number}"}
            response, _ = crowded_server.request("PUT", "/api/v1/mentor-statuses/mentor-0000001", paused)
            assert response.status == 200
        length = int(table.headers["Content-Length"])
        body = table.read()
        assert (len(body), body.count(b"\r\n")) == (length, COUNT + 1)
