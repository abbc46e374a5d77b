"""Tokens whose secret nobody but their holder knows, secrets in files, and how new tokens are taken from theirs."""

import os
import signal
import threading
import time
from contextlib import contextmanager

import pytest

from tests.support.server import START_SECONDS, Server

MENTORS = "/api/v1/mentor-statuses"
SECRET, OTHER = "s" * 43, "o" * 43


# --- API_TOKENS


# --- the command


# --- files


# --- new tokens in the file


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
    deadline = time.monotonic() + START_SECONDS
    while {secret: statuses(server, secret) for secret in expected} != {each: {expected[each]} for each in expected}:
        assert time.monotonic() < deadline, server.log()


@contextmanager
def asked_all_the_time(server, secret):
    """Ask with this token until it is left, and assert that each answer was a 200."""
    ended, answers = threading.Event(), []

    def ask():
        while not ended.is_set():
            answers.append(status(server, secret))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    assert set(answers) == {200}


class ClosedServer(Server):
    """A server whose tokens are in a file."""

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while not self.is_listening() or len(self.workers()) < 2:
            assert time.monotonic() < deadline and self.process.poll() is None, self.log()
            time.sleep(0.01)
        statuses(self, SECRET)  # once both have answered, both have read the file


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Run a server of two workers for the tests of this file; yield it and the file of its tokens."""
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "tokens").write_text(f"ada:{SECRET}\n")
    given = {"API_TOKENS_FILE": folder / "tokens", "WEB_CONCURRENCY": 2}
    with ClosedServer(f"sqlite:///{folder}/file.db", **given) as server:
        yield server, folder / "tokens"


@pytest.fixture
def tokens(running):
    """Return the file of the server's tokens, which has one token that the server knows."""
    server, path = running
    path.write_text(f"ada:{SECRET}\n")
    wait_for_statuses(server, {SECRET: 200, OTHER: 401})
    return path


@pytest.fixture
def server(running, tokens):
    return running[0]


def reload(server):
    old = server.workers()
    server.process.send_signal(signal.SIGHUP)
    server.wait_for_other_workers(old)


def kill_a_worker(server):
    worker = min(server.workers())
    os.kill(worker, signal.SIGKILL)
    server.wait_for_other_workers({worker})


def test_tokens_are_rotated_without_a_signal_and_without_losing_a_request(server, tokens):
    old = server.workers()
    with asked_all_the_time(server, SECRET):
        tokens.write_text(f"ada:{SECRET}\nada:{OTHER}")
        wait_for_statuses(server, {OTHER: 200})
    with asked_all_the_time(server, OTHER):
        tokens.write_text(f"ada:{OTHER}")
        wait_for_statuses(server, {SECRET: 401})
    assert server.workers() == old


@pytest.mark.parametrize("restart", [reload, kill_a_worker])
def test_a_worker_that_starts_while_the_file_is_wrong_answers_503_until_it_is_right(server, tokens, restart):
    tokens.write_text("")
    restart(server)
    new_workers = {503} if restart is reload else {200, 503}  # the worker that lives on has its tokens
    deadline = time.monotonic() + START_SECONDS
    while (answered := statuses(server, SECRET)) != new_workers:
        assert answered <= new_workers and time.monotonic() < deadline, server.log()
    while (answered := server.request("GET", MENTORS, headers={"Authorization": f"Bearer {SECRET}"}))[0].status != 503:
        assert time.monotonic() < deadline
    refused, problem = answered
    assert (problem["code"], refused.headers["Retry-After"]) == ("unavailable", "1")
    reasons = [line for line in server.log().splitlines() if problem["request_id"] in line]
    assert any(line.startswith("ERROR") and "API_TOKENS_FILE: its file is empty" in line for line in reasons), reasons
    assert {server.request("GET", path)[0].status for path in ("/readyz", "/livez", "/") for _ in range(10)} == {200}
    tokens.write_text(f"ada:{OTHER}")
    wait_for_statuses(server, {SECRET: 401, OTHER: 200})


def test_the_file_of_the_database_is_read_once(tmp_path):
    url = tmp_path / "url"
    url.write_text(f"sqlite:///{tmp_path}/file.db\n")
    with Server("", DATABASE_URL_FILE=url) as server:
        assert server.request("POST", MENTORS, {"mentor_id": "ada"})[0].status == 201
        url.write_text(f"sqlite:///{tmp_path}/other.db")
        for restart in (reload, kill_a_worker):
            restart(server)
            assert server.request("GET", f"{MENTORS}/ada")[0].status == 200
    assert {path.name for path in tmp_path.glob("*.db*")} == {"file.db", "file.db.lock"}
