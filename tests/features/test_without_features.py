"""The core stands alone: without a feature, or without all, it starts, describes itself and keeps the contract."""

import json
import re
import shutil
import subprocess
import sys
from itertools import chain

import pytest

from tests.support.server import REPOSITORY

FEATURES = sorted(path.parent.name for path in (REPOSITORY / "features").glob("*/__init__.py"))
CODE = ("*.py", "db", "docs", "features", "mentors", "migrations", "openapi", "reads", "routes", "static", "web")
# The tags of the description and the commands that the core has, and those that come with a feature.
CORE = {"history", "mentor_statuses", "pause_records", "site", "system", "migrate", "purge", "seed", "token"}
NAMES = {
    "calendar": {"calendar"},
    "data": {"backup", "export", "import", "vacuum"},
    "digest": {"digest"},
    "statistics": {"statistics"},
    "tables": {"tables"},
}
# Ask for what the contract shows, and print what there is.
PROGRAM = """
import json, sys
from app import create_app
from db.sqlite_file import make_file
from mentors.seeding import seed
from openapi.examples import ANSWERS
from settings import Settings
import migrations

make_file("test.db")
app = create_app(Settings(database_url="sqlite:///test.db"))
app.config["PROPAGATE_EXCEPTIONS"] = True
migrations.migrate(app.config["SETTINGS"])
seed("2026-03-26T08:30:00Z")
client = app.test_client()
get = lambda path: client.get(f"/api/v1/{path}").json
assert get("mentor-statuses/mentor-042") == ANSWERS["get_mentor_status"]
assert get("pause-records/pause-rec-0018") == ANSWERS["get_pause_record"]
assert get("mentor-statuses?mentor_id=mentor-001")["data"] == ANSWERS["list_mentor_statuses"]["data"][:1]
assert get("pause-records?limit=20")["pagination"] == ANSWERS["list_pause_records"]["pagination"]
created = client.post("/api/v1/mentor-statuses", json={"mentor_id": "mentor-099", "status": "active"})
assert (created.status_code, list(created.json)) == (201, list(ANSWERS["create_mentor_status"]))
assert client.delete("/api/v1/mentor-statuses/mentor-099").json == ANSWERS["delete_mentor_status"]
tags = {tag["name"] for tag in client.get("/openapi.json").json["tags"]}
print(json.dumps([*tags, *app.cli.commands]))
"""


@pytest.mark.parametrize("left_out", [*([each] for each in FEATURES), FEATURES], ids="-".join)
def test_without_a_feature_the_app_starts_and_describes_and_answers_what_the_contract_shows(tmp_path, left_out):
    for pattern in CODE:
        for path in REPOSITORY.glob(pattern):
            if path.is_file():
                shutil.copy(path, tmp_path)
            else:
                shutil.copytree(path, tmp_path / path.name, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
    app = (tmp_path / "app.py").read_text()
    for name in left_out:
        shutil.rmtree(tmp_path / "features" / name)
    rest = ", ".join(name for name in FEATURES if name not in left_out)
    app = re.sub(r"^from features import .*$", f"from features import {rest}" if rest else "", app, flags=re.MULTILINE)
    app = re.sub(r"^FEATURES = .*$", f"FEATURES = ({rest}{',' if rest else ''})", app, flags=re.MULTILINE)
    (tmp_path / "app.py").write_text(app)
    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    gone = {name for feature in left_out for name in NAMES[feature]}
    assert set(json.loads(ran.stdout.splitlines()[-1])) == {*CORE, *chain(*NAMES.values())} - gone
