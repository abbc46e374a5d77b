"""How the database is opened, and the id that a new one has of its own."""

from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from db import open_pool
from db.sqlite_file import make_file
from settings import Settings
from tests.support.commands import migrated

PASSWORD = "p@ss:w/rd %#?&[é"


def one_value(pool, sql):
    """Return the one value that the SQL gives on a connection of the pool."""
    with pool.connection_context():
        return pool.execute_sql(sql).fetchone()[0]


@pytest.fixture
def pool_of():
    """Return a function that opens a pool as the service does for a DATABASE_URL."""
    pools = []

    def pool_of(url):
        pools.append(open_pool(Settings.from_environ({"DATABASE_URL": url})))
        return pools[-1]

    yield pool_of
    for pool in pools:
        pool.close_all()


# --- SQLite


@pytest.mark.parametrize("place", ["relative.db", "folder/relative.db", "{tmp_path}/absolute.db", "with%20space.db"])
def test_an_sqlite_url_opens_its_file_with_every_pragma_in_force(place, pool_of, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    url = "sqlite:///" + place.format(tmp_path=tmp_path)
    make_file(Settings.from_environ({"DATABASE_URL": url}).sqlite_path)
    pool = pool_of(url)
    pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for _connection in ("new", "from the pool"):
        assert {name: one_value(pool, f"PRAGMA {name}") for name in pragmas} == pragmas
    assert [path.suffix for path in tmp_path.rglob("*.db")] == [".db"]


# --- Postgres


@pytest.fixture
def url_of(postgres_url):
    """Return a function that writes the URL of the test Postgres anew, with another user and with options."""
    given = {"user": "", "password": "", "host": "", "port": 5432} | conninfo_to_dict(postgres_url)

    def write(user=given["user"], password=given["password"], options=""):
        who = f"{quote(user, safe='')}:{quote(password, safe='')}"
        host = quote(given["host"], safe="")
        return f"postgres://{who}@/{given['dbname']}?host={host}&port={given['port']}&{options}".rstrip("&")

    return write


@pytest.fixture
def role(postgres_url):
    """Return a role with a difficult name and password, whose sessions are in Tokyo unless told otherwise."""
    name = "jane @doe/é"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{PASSWORD}'")
        connection.execute(f"ALTER ROLE \"{name}\" SET timezone = 'Asia/Tokyo'")
        connection.execute(f"ALTER ROLE \"{name}\" SET datestyle = 'German'")
        yield name
        connection.execute(f'DROP ROLE "{name}"')


def test_a_user_and_a_password_with_escapes_arrive_as_they_are(role, url_of, pool_of):
    pool = pool_of(url_of(user=role, password=PASSWORD))
    assert one_value(pool, "SELECT current_user") == role
    with pool.connection_context():
        assert pool.connection().info.password == PASSWORD


def test_options_in_the_url_are_kept_and_the_session_has_the_other_time_limits_and_stays_in_utc(role, url_of, pool_of):
    own = "-c statement_timeout=7000 -c timezone=America/New_York -c datestyle=German"
    pool = pool_of(url_of(user=role, options=f"options={quote(own)}&application_name=mentors&connect_timeout=7"))
    limits = {"statement_timeout": "7s", "lock_timeout": "3s", "idle_in_transaction_session_timeout": "10s"}
    shown = limits | {"application_name": "mentors", "timezone": "UTC"}
    assert {name: one_value(pool, f"SHOW {name}") for name in shown} == shown
    assert one_value(pool, "SHOW datestyle").startswith("ISO")
    with pool.connection_context():
        assert pool.connection().info.get_parameters()["connect_timeout"] == "7"


@pytest.mark.parametrize(("variable", "value"), [("PGTZ", "Asia/Tokyo"), ("PGDATESTYLE", "German")])
def test_an_instant_is_read_in_utc_whatever_the_environment_says(variable, value, url_of, pool_of, monkeypatch):
    monkeypatch.setenv(variable, value)
    pool = pool_of(url_of())
    assert one_value(pool, "SELECT timestamptz '2026-03-26 08:30:00.75+00'") == "2026-03-26T08:30:00Z"


# --- on both databases


def test_a_new_installation_has_an_id_of_its_own(rows, empty_database, pool_of):
    (here,) = rows("installation")
    pool = pool_of(migrated(empty_database))
    assert one_value(pool, "SELECT installation_id FROM installation") != here["installation_id"]
