"""An import locks nobody out while it reads and checks what it is given, and writes nothing before that is whole."""

import resource
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from db import open_pool
from tests.operation.test_transfer import TABLES, many
from tests.support.commands import MENTORS, command
from tests.support.server import REPOSITORY, environment
from transfer import TransferError, importing

LARGEST_FILE = 300_000  # bytes


@pytest.fixture
def hold_lock(app):
    """Return the pool of another process, as it were, and the function that takes a writer's lock on its connection."""
    pool = open_pool(app.config["SETTINGS"])

    def lock():
        if pool.dialect.name == "postgres":
            pool.execute_sql(f"LOCK TABLE {', '.join(TABLES)} IN EXCLUSIVE MODE")

    with pool.connection_context():
        yield pool.atomic, lock  # on SQLite, the transaction itself takes it
    pool.close_all()


def test_others_write_while_an_import_reads_its_input(app, client, rows):
    def slow_pipe():
        header, first, *others = many(3)
        yield from (header, first)
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(app.test_client().post, MENTORS, json={"mentor_id": "meanwhile"})
            assert sent.result().status_code == 201
        yield from others

    with pytest.raises(TransferError, match="the database holds other data"):
        importing.import_(slow_pipe())
    assert [row["mentor_id"] for row in rows("mentor_status")] == ["meanwhile"]


@pytest.mark.parametrize("given", [3, 4])
def test_an_import_into_a_database_with_data_waits_for_no_writer(client, hold_lock, given):
    assert importing.import_(many(3)) == 3
    transaction, lock = hold_lock
    with transaction():
        lock()
        if given == 3:
            assert importing.import_(many(given)) == 0
        else:
            with pytest.raises(TransferError, match="the database holds other data"):
                importing.import_(many(given))


def test_the_same_export_imported_twice_at_once_is_written_once(client, rows):
    def interrupted():
        *lines, last = many(3)
        yield from lines
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(importing.import_, many(3)).result() == 3
        yield last

    assert importing.import_(interrupted()) == 0
    assert len(rows("mentor_status")) == 3


def test_no_room_for_the_temporary_file_ends_in_one_line(tmp_path):
    given = environment(DATABASE_URL=f"sqlite:///{tmp_path}/file.db", TMPDIR=tmp_path)
    subprocess.run(command("migrate"), cwd=REPOSITORY, env=given, check=True, capture_output=True)
    ended = subprocess.run(
        command("import"),
        cwd=REPOSITORY,
        env=given,
        input=b"".join(many(20_000)),
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE)),
        timeout=60,
        check=False,
    )
    why = f"import: {tmp_path}: File too large (the temporary file; TMPDIR may name another folder)"
    assert (ended.returncode, ended.stderr.decode().splitlines()) == (1, [why])
