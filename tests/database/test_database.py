"""How the database is opened, and what it then guarantees by itself."""

from urllib.parse import quote

import psycopg
import pytest
from peewee import IntegrityError
from psycopg.conninfo import conninfo_to_dict

import migrations
from db import db, open_pool
from db.sqlite_file import make_file
from migrations import Runner
from models import MentorStatus, PauseRecord
from settings import Settings

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
EARLIER, TODAY = "2026-03-26T08:29:59Z", "2026-03-26T08:30:00Z"
PASSWORD = "p@ss:w/rd %#?&[é"

WRONG = [("mentor", "nobody"), ("start_date", None), ("end_date", EARLIER), ("expected_return_date", EARLIER)]


def read(**environ):
    return Settings.from_environ(environ)


def one_value(pool, sql):
    """Return the one value that the SQL gives on a connection of the pool."""
    with pool.connection_context():
        return pool.execute_sql(sql).fetchone()[0]


# --- SQLite


@pytest.mark.parametrize("place", ["relative.db", "folder/relative.db", "{tmp_path}/absolute.db", "with%20space.db"])
def test_an_sqlite_url_opens_its_file_with_every_pragma_in_force(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    settings = read(DATABASE_URL="sqlite:///" + place.format(tmp_path=tmp_path))
    make_file(settings.sqlite_path)
    pool = open_pool(settings)
    pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for _connection in ("new", "from the pool"):
        assert {name: one_value(pool, f"PRAGMA {name}") for name in pragmas} == pragmas
    pool.close_all()
    assert [path.suffix for path in tmp_path.rglob("*.db")] == [".db"]


# --- Postgres


@pytest.fixture
def url_of(postgres_url):
    """Return a function that writes the URL of the test Postgres anew: other hosts before it, a user, options."""
    given = conninfo_to_dict(postgres_url)

    def write(user=None, password="", dead_hosts=(), options=""):
        hosts = ",".join(quote(host, safe="") for host in (*dead_hosts, given.get("host", "")))
        ports = ",".join(["1"] * len(dead_hosts) + [str(given.get("port", 5432))])
        who = [quote(said or given.get(name, ""), safe="") for name, said in (("user", user), ("password", password))]
        return f"postgres://{':'.join(who)}@/{given['dbname']}?host={hosts}&port={ports}&{options}".rstrip("&")

    return write


@pytest.fixture
def pool_of():
    """Return a function that opens a pool as the service does for a DATABASE_URL."""
    pools = []

    def pool_of(url):
        pools.append(open_pool(read(DATABASE_URL=url)))
        return pools[-1]

    yield pool_of
    for pool in pools:
        pool.close_all()


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


def test_of_several_hosts_the_one_that_lives_is_found(url_of, pool_of):
    pool = pool_of(url_of(dead_hosts=["/nowhere", "127.0.0.1"], options="target_session_attrs=read-write"))
    assert one_value(pool, "SELECT 1") == 1


def test_options_in_the_url_are_kept_and_the_session_stays_in_utc(role, url_of, pool_of):
    own = "-c statement_timeout=7000 -c timezone=America/New_York -c datestyle=German"
    pool = pool_of(url_of(user=role, options=f"options={quote(own)}&application_name=mentors&connect_timeout=7"))
    shown = ("statement_timeout", "lock_timeout", "application_name", "timezone")
    assert [one_value(pool, f"SHOW {name}") for name in shown] == ["7s", "3s", "mentors", "UTC"]
    assert one_value(pool, "SHOW datestyle").startswith("ISO")
    with pool.connection_context():
        assert pool.connection().info.get_parameters()["connect_timeout"] == "7"


@pytest.mark.parametrize(("variable", "value"), [("PGTZ", "Asia/Tokyo"), ("PGDATESTYLE", "German")])
def test_an_instant_is_read_in_utc_whatever_the_environment_says(variable, value, url_of, pool_of, monkeypatch):
    monkeypatch.setenv(variable, value)
    pool = pool_of(url_of())
    assert one_value(pool, "SELECT timestamptz '2026-03-26 08:30:00.75+00'") == TODAY


def test_every_session_has_time_outs(url_of, pool_of):
    pool = pool_of(url_of())
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    assert [one_value(pool, f"SHOW {name}") for name in names] == ["4s", "3s", "10s"]


# --- what both databases guarantee


def test_a_new_installation_has_an_id_of_its_own(rows, empty_database, pool_of):
    (here,) = rows("installation")
    pool = pool_of(empty_database)
    with pool.connection_context():
        Runner(pool, directory=migrations.FOLDER).up()
    assert one_value(pool, "SELECT installation_id FROM installation") != here["installation_id"]


def pause(**columns):
    """Insert a pause record past all rules."""
    recorded = dict.fromkeys(("start_date", "created_at", "last_changed"), TODAY)
    with db.connection_context(), db.atomic():
        PauseRecord.create(**{"mentor": "ada"} | recorded | columns)


@pytest.mark.rule7
@pytest.mark.parametrize(("column", "value"), WRONG)
def test_the_database_itself_refuses_a_pause_with_a_wrong_value(active_ada, rows, column, value):
    with pytest.raises(IntegrityError):
        pause(**{column: value})
    assert rows("pause_record") == []


@pytest.mark.rule3
@pytest.mark.parametrize("reason", ["workload", None])
def test_the_database_itself_refuses_the_same_pause_twice(active_ada, rows, reason):
    pause(reason=reason, end_date=TODAY, expected_return_date=TODAY)
    with pytest.raises(IntegrityError):
        pause(reason=reason)
    assert len(rows("pause_record")) == 1


@pytest.mark.rule1
@pytest.mark.rule6
def test_the_database_itself_refuses_a_mentor_twice_and_deletes_their_pauses_with_the_mentor(active_ada, rows):
    with pytest.raises(IntegrityError), db.connection_context():
        MentorStatus.create(mentor_id="ada", last_updated=TODAY, force_insert=True)
    pause()
    with db.connection_context():
        MentorStatus.delete().execute()
    assert rows("pause_record") == []


@pytest.mark.rule5
def test_the_id_of_a_deleted_pause_record_is_never_used_again(client):
    ids = []
    for path in (f"{PAUSES}/pause-rec-0001", f"{MENTORS}/ada", f"{PAUSES}/pause-rec-0003"):
        client.post(MENTORS, json={"mentor_id": "ada"})
        sent = {"mentor_id": "ada", "start_date": TODAY, "reason": "workload"}
        ids.append(client.post(PAUSES, json=sent).json["pause_record_id"])
        assert client.delete(path).status_code == 200
    assert ids == ["pause-rec-0001", "pause-rec-0002", "pause-rec-0003"]


def test_every_read_gives_its_connection_back(client):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused"})
    for path in (
        MENTORS,
        f"{MENTORS}/ada",
        f"{MENTORS}/ada/history",
        PAUSES,
        f"{PAUSES}/pause-rec-0001",
        f"{PAUSES}.csv",
        f"{PAUSES}.ics",
        "/api/v1/statistics?from=2026-03-01&to=2026-04-01",
    ):
        assert client.get(path).status_code == 200
        assert db.is_closed(), path
