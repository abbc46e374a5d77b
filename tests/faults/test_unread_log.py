"""The log while the program that reads it hangs: no request waits, and a later line says how many lines are missing."""

import json
import os
import re
import select
import socket
import subprocess
import sys
import tty
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from tests.support.commands import WITHOUT_RIGHTS
from tests.support.load import MENTORS, KeepAlive
from tests.support.server import REPOSITORY, Server, environment
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.faults

LINES, REQUESTS, CLIENTS = 30_000, 3_000, 8
# It writes the lines, says so on standard error, and waits for the end of its standard input.
WRITE = f"""
import sys
from web import logs
for number in range({LINES}):
    logs.write(f"line {{number}}")
print("written", file=sys.stderr, flush=True)
sys.stdin.readline()
"""
WRITE_LAST = "logs.write('last')"
FORK_FIRST = """
import os
if not os.fork():
    logs.write("the child")
    os._exit(0)
os.wait()
"""


def pipe():
    return os.pipe()


def closed_pipe():
    """Return a pipe that nobody without the rights of root can open again."""
    ends = os.pipe()
    os.fchmod(ends[1], 0)
    return ends


def stream_socket():
    return [end.detach() for end in socket.socketpair()]


def terminal():
    ends = os.openpty()
    tty.setraw(ends[1])
    return ends


KINDS = [pipe, closed_pipe, stream_socket, terminal]


def read_all(end):
    """Return what is written into the other end, until all have closed it."""
    pieces = []
    with suppress(OSError):  # a terminal has no other end any more
        while piece := os.read(end, 65536):
            pieces.append(piece)
    return b"".join(pieces).decode()


def read_what_is_there(end):
    """Return what was written into the other end. The kernel moves it on bit by bit, so wait until no more comes."""
    pieces = []
    while select.select([end], [], [], 1)[0]:
        pieces.append(os.read(end, 65536))
    return b"".join(pieces).decode()


@contextmanager
def started(code, output, words=()):
    """Run code in a process with this standard output; yield it when it has said something on standard error."""
    process = subprocess.Popen(
        [*words, sys.executable, "-c", code],
        cwd=REPOSITORY,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            assert select.select([process.stderr], [], [], PATIENCE)[0], "it waits for the reader"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_written_at_once_is_dropped_and_counted(kind):
    own, output = kind()
    with started(f"{WRITE}{WRITE_LAST}", output, WITHOUT_RIGHTS) as process:
        assert os.get_blocking(output)  # it is still as the others who write there need it
        os.close(output)
        text = read_what_is_there(own)
        process.stdin.close()
        text += read_all(own)
    os.close(own)
    written = re.findall(r"^line \d+$", text, re.MULTILINE)
    # A terminal may have room again before anybody reads, since the kernel moves what is written on.
    dropped = sum(map(int, re.findall(r"^WARNING dropped=(\d+)$", text, re.MULTILINE)))
    assert text.startswith("line 0\nline 1\n") and text.endswith("\nlast\n")
    assert len(written) + dropped == LINES
    assert dropped > 0


def test_a_file_takes_every_line(tmp_path):
    with open(tmp_path / "log", "w") as output, started(f"{WRITE}{WRITE_LAST}", output.fileno()) as process:
        process.stdin.close()
        process.wait(PATIENCE)
    assert (tmp_path / "log").read_text() == "".join(f"line {number}\n" for number in range(LINES)) + "last\n"


def test_a_process_that_is_forked_counts_its_own_lines_alone():
    own, output = pipe()
    with started(f"{WRITE}{FORK_FIRST}{WRITE_LAST}", output) as process:
        os.close(output)
        os.read(own, 65536)
        process.stdin.close()
        lines = read_all(own).splitlines()
    os.close(own)
    assert [line.partition("=")[0] for line in lines] == ["the child", "WARNING dropped", "last"]


def test_no_line_is_written_into_a_file_that_has_the_number_of_a_closed_output(tmp_path):
    write = "from web import logs; files = [open(name, 'w') for name in 'ab']; logs.write('line')"
    command = f'"{sys.executable}" -c "{write}" >&- 2>&-'
    subprocess.run(command, shell=True, cwd=tmp_path, env=environment(PYTHONPATH=REPOSITORY), check=True)
    assert [(tmp_path / name).read_text() for name in "ab"] == ["", ""]


@pytest.mark.parametrize(("kind", "log_format"), [(pipe, "logfmt"), (stream_socket, "json")])
def test_the_service_answers_while_nobody_reads_its_log(kind, log_format, tmp_path):
    own, output = kind()
    given = {"WEB_CONCURRENCY": 2, "LOG_FORMAT": log_format}
    with Server(f"sqlite:///{tmp_path}/file.db", stdout=output, **given) as server:
        os.close(output)
        with KeepAlive(server) as clients, ThreadPoolExecutor(CLIENTS) as pool:
            answers = pool.map(lambda _: clients.request("GET", f"{MENTORS}/ada")[0].status, range(REQUESTS))
            assert Counter(answers) == {404: REQUESTS}
        text = os.read(own, 65536).decode()
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(read_all, own)
            server.stop()
            text += reading.result()
    os.close(own)
    lines = text.splitlines()
    written = [line for line in lines if f"{MENTORS}/ada" in line]
    if log_format == "json":
        dropped = [json.loads(line)["dropped"] for line in lines if '"dropped"' in line]
    else:
        dropped = [int(line.partition("=")[2]) for line in lines if line.startswith("WARNING dropped=")]
    assert len(written) + sum(dropped) == REQUESTS
    assert sum(dropped) > 0
    assert "Worker exiting" in text
