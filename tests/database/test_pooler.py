"""Postgres through PgBouncer in transaction mode, with two sessions: nothing relies on whose session it is."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from peewee import OperationalError

import migrations
from db import open_pool
from settings import Settings
from tests.support.commands import app_on, flask, migrated
from tests.support.databases import EMPTY_POSTGRES
from tests.support.load import MENTORS
from tests.support.pgbouncer import PgBouncer, set_for_role
from tests.support.waiting import wait_until
from web import logs

pytestmark = EMPTY_POSTGRES

OURS = {
    "statement_timeout": "4s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "10s",
    "random_page_cost": "1.1",
}
SHOW = f"SELECT {', '.join(f'current_setting({name!r})' for name in (*OURS, 'timezone'))}"
SHOWN = (*OURS.values(), "UTC")
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
def bouncer(empty_database):
    """Return a PgBouncer that knows no prepared statements, as none did before 1.21."""
    with PgBouncer(empty_database, max_prepared_statements=0) as bouncer:
        yield bouncer


@contextmanager
def pool_of(url):
    """Open a pool as the service does."""
    pool = open_pool(Settings(database_url=url))
    try:
        yield pool
    finally:
        pool.close_all()


def says(url, sql):
    """Return the one value that the SQL gives, past the service."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(sql).fetchone()[0]


# --- settings


def begin_anew(bouncer):
    """Let the pooler open new sessions, which know what is set for the role by now."""
    bouncer.kill9()
    bouncer.start()


def run_as_administrator(url, sql):
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql)


@pytest.fixture
def limited(bouncer, empty_database):
    """Return a PgBouncer whose sessions have our settings, since the role has them."""
    set_for_role(empty_database)
    begin_anew(bouncer)
    return bouncer


def test_the_settings_of_the_role_and_our_time_zone_hold_in_a_transaction_and_outside_of_one(limited):
    with pool_of(limited.url) as pool, pool.connection_context():
        assert pool.execute_sql(SHOW).fetchone() == SHOWN
        for mode in (None, pool.dialect.snapshot):
            with pool.atomic(mode):
                assert pool.execute_sql(SHOW).fetchone() == SHOWN
        with pool.atomic():
            pool.lift_time_limits()
            assert pool.execute_sql(SHOW).fetchone() == ("0", "0", "0", *SHOWN[3:])
        assert pool.execute_sql(SHOW).fetchone() == SHOWN


def test_a_start_without_time_limits_warns_with_the_sql_that_sets_them_and_runs_none_of_it(
    bouncer, empty_database, monkeypatch
):
    log = []
    monkeypatch.setattr(logs, "write", log.append)
    assert flask(bouncer.url, "migrate")[0] == 0
    (warning,) = log
    assert warning.startswith("WARNING ")
    role, name = "postgres", urlsplit(empty_database).path[1:]
    sql = " ".join(f"ALTER ROLE {role} IN DATABASE {name} SET {setting} = '{OURS[setting]}';" for setting in OURS)
    assert warning.endswith(f': {sql}"')
    set_for_roles = "SELECT count(*) FROM pg_db_role_setting JOIN pg_database ON oid = setdatabase WHERE datname = '{}'"
    assert says(empty_database, set_for_roles.format(name)) == 0
    run_as_administrator(empty_database, sql)
    begin_anew(bouncer)
    assert flask(bouncer.url, "migrate") == (0, ["migrate: nothing to do"])
    assert log == [warning]


def test_the_warning_names_the_role_that_logs_in_which_may_act_as_another(empty_database):
    name = uuid.uuid4().hex
    owner, login = f"owner_{name}", f"login_{name}"
    with psycopg.connect(empty_database, autocommit=True) as admin:
        admin.execute(
            f"CREATE ROLE {owner}; CREATE ROLE {login} LOGIN IN ROLE {owner}; ALTER ROLE {login} SET role = {owner}"
        )
        url = urlsplit(empty_database)
        url = url._replace(netloc=f"{login}:x@{url.netloc.rpartition('@')[2]}").geturl()
        with PgBouncer(url, max_prepared_statements=0) as bouncer, pool_of(bouncer.url) as pool:
            with pool.connection_context():
                assert pool.execute_sql("SELECT current_user::text").fetchone() == (owner,)
                admin.execute(pool.missing_settings())
            begin_anew(bouncer)
            assert says(bouncer.url, "SHOW statement_timeout") == "4s"
        admin.execute(f"DROP OWNED BY {owner}, {login}; DROP ROLE {owner}, {login}")


def test_settings_are_missing_only_behind_a_pooler_that_has_no_limit_of_statements(bouncer, empty_database):
    with pool_of(empty_database) as pool, pool.connection_context():
        assert pool.missing_settings() is None
    role = f"ROLE CURRENT_USER IN DATABASE {urlsplit(empty_database).path[1:]}"
    for setting, are_missing in (("lock_timeout = '1s'", True), ("statement_timeout = '1min'", False)):
        run_as_administrator(empty_database, f"ALTER {role} SET {setting}")
        begin_anew(bouncer)
        with pool_of(bouncer.url) as pool, pool.connection_context():
            missing = pool.missing_settings()
            assert (missing is not None) == are_missing
            assert "lock_timeout" not in str(missing)


# --- the time a request has


@pytest.mark.parametrize("way", ["direct", "through PgBouncer"])
def test_a_write_that_outlasts_its_request_is_never_committed(limited, empty_database, way):
    url = empty_database if way == "direct" else limited.url
    with psycopg.connect(empty_database) as other, pool_of(url) as pool:
        other.execute("CREATE TABLE counted (number int)")
        other.execute("INSERT INTO counted VALUES (1)")
        other.commit()
        other.execute("LOCK TABLE counted")
        with pytest.raises(OperationalError), pool.connection_context(), pool.atomic():
            pool.connection().deadline = time.monotonic() + 0.3
            pool.execute_sql("UPDATE counted SET number = number + 1")
        wait_until(lambda: says(empty_database, WAITING) == 0)
        other.commit()
        assert other.execute("SELECT number FROM counted").fetchone() == (1,)


# --- the service


@pytest.mark.parametrize("settings", [{}, {"max_prepared_statements": 0}], ids=["as it comes", "before 1.21"])
def test_the_service_answers_the_same_requests_many_times_through_it(empty_database, settings):
    sent = {"mentor_id": "ada", "status": "paused", "pause_start_date": "2026-01-01T00:00:00Z"}
    many = 8  # psycopg prepares what it has sent five times
    with PgBouncer(empty_database, **settings) as bouncer, app_on(migrated(bouncer.url)) as app:
        client = app.test_client()
        assert client.post(MENTORS, json=sent).status_code == 201
        for status in ("active", "paused") * many:
            assert client.put(f"{MENTORS}/ada", json={"status": status}).json["status"] == status
        for _ in range(many):
            assert client.get(f"{MENTORS}?status=paused").json["pagination"]["total"] == 1


def test_of_several_migrations_at_once_one_migrates_and_those_that_wait_hold_no_session_of_the_pooler(
    limited, empty_database, monkeypatch
):
    monkeypatch.setattr(migrations, "BETWEEN_TRIES", 0.05)

    def migrate():
        with pool_of(limited.url) as pool:
            return migrations.migrate_postgres(pool, migrations.Patience())

    with psycopg.connect(empty_database) as other, ThreadPoolExecutor(4) as threads:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (migrations.LOCK_KEY,))
        waiting = [threads.submit(migrate) for _ in range(4)]
        for _ in range(20):
            assert says(limited.url, "SELECT 1") == 1
        assert not any(migration.done() for migration in waiting)
        other.rollback()
        names = sorted(path.stem for path in migrations.FOLDER.glob("[0-9]*.py"))
        assert sorted(migration.result(60) for migration in waiting) == [[], [], [], names]
    assert says(empty_database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0


def test_a_migration_that_postgres_aborts_for_a_worker_that_goes_on_is_done_again(bouncer, monkeypatch):
    monkeypatch.setattr(migrations, "BETWEEN_TRIES", 0)
    up, calls = migrations.Runner.up, []

    def meet_a_worker_in_a_deadlock(runner):
        calls.append(up(runner))
        if len(calls) == 1:
            runner.database.execute_sql("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$")
        return calls[-1]

    monkeypatch.setattr(migrations.Runner, "up", meet_a_worker_in_a_deadlock)
    with pool_of(bouncer.url) as pool:
        assert migrations.migrate_postgres(pool, migrations.Patience()) == calls[0] == calls[1] != []


# --- instants


@pytest.mark.parametrize("way", ["direct", "through PgBouncer"])
def test_instants_are_in_utc_whatever_the_database_says(bouncer, empty_database, way):
    with psycopg.connect(empty_database, autocommit=True) as other:
        name = other.info.dbname
        other.execute(f"ALTER DATABASE {name} SET timezone = 'Asia/Kathmandu'")
        other.execute(f"ALTER DATABASE {name} SET datestyle = 'German, DMY'")
        other.execute(f"ALTER DATABASE {name} SET intervalstyle = 'sql_standard'")
    begin_anew(bouncer)  # whose sessions are as the database said when they began
    with app_on(migrated(empty_database if way == "direct" else bouncer.url)) as app:
        client = app.test_client()
        start, end = "2026-03-01T23:59:59Z", "2199-12-31T00:00:00Z"
        sent = {"mentor_id": "ada", "start_date": start, "end_date": end, "reason": "workload"}
        client.post(MENTORS, json={"mentor_id": "ada"})
        assert client.post("/api/v1/pause-records", json=sent).status_code == 201
        (record,) = client.get("/api/v1/pause-records?is_active=true").json["data"]
        assert (record["start_date"], record["end_date"]) == (start, end)
        assert abs(says(empty_database, "SELECT extract(epoch FROM now() - last_updated)::int FROM mentor_status")) < 60
