"""The log that cannot be written: its reader has gone, its disk is full, or it is closed. Requests are answered."""

import os
import subprocess
import sys

import pytest

from tests.support.load import MENTORS
from tests.support.server import REPOSITORY, Server, environment

pytestmark = pytest.mark.faults


def pipe():
    return os.pipe()


def full_disk():
    return os.open("/dev/full", os.O_RDONLY), os.open("/dev/full", os.O_WRONLY)


@pytest.mark.parametrize("log", [pipe, full_disk])
def test_the_service_answers_and_reloads_while_its_log_cannot_be_written(log, tmp_path):
    reader, output = log()
    with Server(f"sqlite:///{tmp_path}/file.db", stdout=output) as server:
        os.close(output)
        os.close(reader)
        assert server.request("POST", MENTORS, {"mentor_id": "ada"})[0].status == 201
        server.reload()
        assert server.request("GET", f"{MENTORS}/ada")[0].status == 200


def test_no_line_is_written_into_a_file_that_has_the_number_of_a_closed_output(tmp_path):
    write = "from web import logs; files = [open(name, 'w') for name in 'ab']; logs.write('line')"
    command = f'"{sys.executable}" -c "{write}" >&- 2>&-'
    subprocess.run(command, shell=True, cwd=tmp_path, env=environment(PYTHONPATH=REPOSITORY), check=True)
    assert [(tmp_path / name).read_text() for name in "ab"] == ["", ""]
