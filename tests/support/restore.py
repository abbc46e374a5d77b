"""The steps of docs/data.md that restore a backup, and what the service answers before and after them."""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.commands import app_on
from tests.support.server import REPOSITORY, environment

MENTORS = "/api/v1/mentor-statuses"
GUIDE = (REPOSITORY / "docs/data.md").read_text()
# What a virtual machine has: the steps of the guide for SQLite, and those with Litestream.
OF_A_BACKUP, OF_LITESTREAM = re.findall(r"^```sh\n(before=.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def write_after_the_backup(url):
    """Create a mentor whom a restored database does not have."""
    with app_on(url) as app:
        assert app.test_client().post(MENTORS, json={"mentor_id": "written-after-the-backup"}).status_code == 201


def assert_restored(url):
    """Assert that the database has the examples, and that the service writes into it."""
    with app_on(url) as app:
        client = app.test_client()
        assert client.get(f"{MENTORS}/written-after-the-backup").status_code == 404
        assert client.get(f"{MENTORS}?limit=1").json["pagination"]["total"] == 87
        assert client.post(MENTORS, json={"mentor_id": "written-after-the-restore"}).status_code == 201


def follow(steps, folder, url):
    """Run steps of the guide, with every file in one folder, and without systemd and its users."""
    for written, here in (
        (r"/var/lib/mentor-status(-backups)?/|/root/|/etc/", f"{folder}/"),
        (r"/opt/litestream/bin/litestream", str(Path(sys.executable).with_name("litestream"))),
        (r"systemctl", ":"),
        (r" -o mentors -g mentors", ""),
    ):
        steps = re.sub(written, here, steps)
    subprocess.run(steps, shell=True, check=True, cwd=REPOSITORY, env=environment(DATABASE_URL=url))
