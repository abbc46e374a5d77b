"""What the service does about the address that it shall listen at."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.operation.test_start import GUNICORN, run
from tests.support.server import REPOSITORY, START_SECONDS, environment, free_port


@pytest.fixture
def taken():
    """Return a port that somebody else listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def running(command, **options):
    """Run a service that shall end well when it is told to."""
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, **options) as process:
        try:
            yield process
            process.terminate()
            assert process.wait(START_SECONDS) == 0
        finally:
            process.kill()


def assert_is_alive(connection):
    connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert connection.recv(12) == b"HTTP/1.1 200"


def wait_until(condition):
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("options", [[], ["--bind", "0.0.0.0:{}"]], ids=["PORT", "--bind"])
def test_a_port_in_use_stops_the_start(taken, tmp_path, options):
    command = GUNICORN + [option.format(taken) for option in options]
    url, port = f"sqlite:///{tmp_path}/file.db", free_port() if options else taken
    code, lines = run(command, DATABASE_URL=url, PORT=port)
    assert code == 1
    assert f"{taken}" in lines[-1]
    assert any("Address already in use" in line for line in lines)


def test_an_address_of_another_machine_stops_the_start(tmp_path):
    command = [*GUNICORN, "--bind", "192.0.2.1:8000"]
    code, lines = run(command, DATABASE_URL=f"sqlite:///{tmp_path}/file.db")
    assert code == 1
    assert "192.0.2.1" in lines[-1]


def test_a_socket_that_systemd_opened_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        script = f'exec 3<&{listener.fileno()}; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"'
        given = environment(DATABASE_URL=f"sqlite:///{tmp_path}/file.db", PORT=port)
        with (
            running(["bash", "-c", script, "bash", *GUNICORN], env=given, pass_fds=[listener.fileno()]),
            socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as connection,
        ):
            assert_is_alive(connection)


def test_a_unix_socket_has_no_port(tmp_path):
    path = f"{tmp_path}/http.sock"
    given = environment(DATABASE_URL=f"sqlite:///{tmp_path}/file.db")
    command = [*GUNICORN, "--bind", f"unix:{path}"]
    with running(command, env=given), socket.socket(socket.AF_UNIX) as connection:
        wait_until(lambda: connection.connect_ex(path) == 0)
        assert_is_alive(connection)


def test_a_new_master_takes_the_socket_of_the_old_one(tmp_path):
    pid_file, port = tmp_path / "pid", free_port()
    given = environment(DATABASE_URL=f"sqlite:///{tmp_path}/file.db", PORT=port)
    gunicorn = Path(sys.executable).with_name("gunicorn")  # USR2 does not go with python -m gunicorn
    with running([gunicorn, "--pid", pid_file], env=given) as old:
        with socket.socket() as probe:
            wait_until(lambda: probe.connect_ex(("127.0.0.1", port)) == 0)
        old.send_signal(signal.SIGUSR2)
        new_pid_file = tmp_path / "pid.2"
        wait_until(lambda: new_pid_file.exists() and new_pid_file.read_text())
        new = int(new_pid_file.read_text())
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as connection:
            assert_is_alive(connection)
    finally:
        os.kill(new, signal.SIGTERM)
    wait_until(lambda: not pid_file.exists())
