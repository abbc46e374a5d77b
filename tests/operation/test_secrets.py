"""Secrets in files: how the workers take new tokens, and when they read the address of the database."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from tests.support.server import Server
from tests.support.waiting import wait_until

MENTORS = "/api/v1/mentor-statuses"
SECRET, OTHER = "s" * 43, "o" * 43


def status(server, secret):
    """Return the status of the answer to a request with this token."""
    headers = {"Authorization": f"Bearer {secret}"}
    return server.request("GET", f"{MENTORS}?limit=1", headers=headers)[0].status


def statuses(server, secret):
    """Return the statuses of both workers' answers to this token: each is asked while the other one is stopped."""
    answered = set()
    for other in server.workers():
        os.kill(other, signal.SIGSTOP)
        answered.add(status(server, secret))
        os.kill(other, signal.SIGCONT)
    return answered


def wait_for_statuses(server, expected):
    """Return when the tokens, as {secret: status}, are answered so by both workers."""
    wait_until(lambda: all(statuses(server, each) == {expected[each]} for each in expected), server.log)


@contextmanager
def asked_all_the_time(server, secret):
    """Ask with this token until it is left, and assert that each answer was a 200."""
    ended = Event()
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(lambda: {status(server, secret) for _ in iter(ended.is_set, True)})
        try:
            yield
        finally:
            ended.set()
        assert asked.result() == {200}


class ClosedServer(Server):
    """A server whose tokens are in a file, so that nobody may ask it whether it is ready."""

    def wait_until_ready(self):
        wait_until(lambda: self.is_listening() and len(self.workers()) == 2, self.log)
        statuses(self, SECRET)  # once both have answered, both have read the file


@pytest.fixture
def token_server(tmp_path):
    """Run a server of two workers, which know one token; the file with it is in `tokens`."""
    tokens = tmp_path / "tokens"
    tokens.write_text(f"ada:{SECRET}\n")
    with ClosedServer(f"sqlite:///{tmp_path}/file.db", API_TOKENS_FILE=tokens, WEB_CONCURRENCY=2) as server:
        server.tokens = tokens
        yield server


def test_tokens_are_rotated_without_a_signal_and_without_losing_a_request(token_server):
    old = token_server.workers()
    with asked_all_the_time(token_server, SECRET):
        token_server.tokens.write_text(f"ada:{SECRET}\nada:{OTHER}")
        wait_for_statuses(token_server, {OTHER: 200})
    with asked_all_the_time(token_server, OTHER):
        token_server.tokens.write_text(f"ada:{OTHER}")
        wait_for_statuses(token_server, {SECRET: 401})
    assert token_server.workers() == old


def test_the_file_of_the_database_is_read_once(tmp_path):
    url = tmp_path / "url"
    url.write_text(f"sqlite:///{tmp_path}/file.db\n")
    with Server("", DATABASE_URL_FILE=url) as server:
        assert server.request("POST", MENTORS, {"mentor_id": "ada"})[0].status == 201
        url.write_text(f"sqlite:///{tmp_path}/other.db")
        for restart in (server.reload, server.kill_a_worker):
            restart()
            assert server.request("GET", f"{MENTORS}/ada")[0].status == 200
    assert {path.name for path in tmp_path.glob("*.db*")} == {"file.db", "file.db.lock"}
