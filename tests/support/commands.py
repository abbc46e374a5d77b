"""The commands as an operator runs them, and all that the service answers, here or in a process of its own."""

import json
import subprocess
import sys

from app import create_app
from tests.support.server import REPOSITORY, environment

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
NOW = "2026-03-26T08:30:00Z"


def command(*words):
    return [sys.executable, "-m", "flask", "--app", "app", *map(str, words)]


def run(arguments, url, **options):
    """Run a command on the database of the URL; return its exit code, what it printed, and its lines on stderr."""
    options |= {"cwd": REPOSITORY, "env": environment(DATABASE_URL=url), "timeout": 60}
    ended = subprocess.run(arguments, capture_output=True, check=False, **options)
    return ended.returncode, ended.stdout, ended.stderr.decode().splitlines()


def everything(client):
    """Return the body of every answer there is to read: both lists, counted and walked, each one and each history."""
    answers, names = {}, {"gone"}

    def read(path):
        answers[path] = client.get(path, headers={"X-Request-ID": "the-same"}).text  # a 404 tells it
        return json.loads(answers[path])

    for listed, key in ((MENTORS, "mentor_id"), (PAUSES, "pause_record_id")):
        read(f"{listed}?limit=3")
        after = ""
        while after is not None:
            page = read(f"{listed}?limit=2&after={after}")
            for row in page["data"]:
                read(f"{listed}/{row[key]}")
                names.add(row["mentor_id"])
            after = page["pagination"]["next"]
    for name in names:
        read(f"{MENTORS}/{name}/history?after=&limit=2")
        read(f"{MENTORS}/{name}/history?limit=100")
    return answers


def answer_elsewhere(posted):
    """Post what is to be posted and print everything; run in a process of its own."""
    client = create_app(clock=lambda: NOW).test_client()
    for body in posted:
        assert client.post(PAUSES, json=body).status_code == 201
    print(json.dumps(everything(client)))


def everything_at(url, posted=()):
    """Return what the service answers on the database of the URL, once it got these pause records."""
    code = f"from tests.support.commands import answer_elsewhere; answer_elsewhere({posted!r})"
    code, printed, errors = run([sys.executable, "-c", code], url)
    assert code == 0, errors
    return json.loads(printed.splitlines()[-1])  # after the log lines
