"""What the environment may say of the database, and what the database itself then guarantees."""

import re
from urllib.parse import quote

import psycopg
import pytest
from peewee import IntegrityError
from psycopg.conninfo import conninfo_to_dict

from database import db, open_postgres, open_sqlite
from models import MentorStatus, PauseRecord
from postgres import hosts_in_order
from settings import DEFAULT_DATABASE, Settings, SettingsError

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
EARLIER, TODAY = "2026-03-26T08:29:59Z", "2026-03-26T08:30:00Z"
PASSWORD = "p@ss:w/rd %#?&[é"

NO_FILES = ["sqlite:///:memory:", "sqlite:///%3Amemory%3A", "sqlite://", "sqlite:///", "sqlite:////"]
NO_URLS = ["file.db", "sqlite:file.db", "sqlite://file.db", "sqlite:///file.db?mode=ro", "postgresql:n", "mysql://h/n"]
BAD_RESTS = ["", "u:secret@h/n?nonsense=1", "u:secret%zz@h/n", "u:secret@[::1/n", "u:secret@h:port/n", "u:a/secret@h/n"]
BAD_NUMBERS = ["0", "-1", "+8", "65536", "8000.0", "1e3", "8_0", "٨", "abc", "8000\n8001", "9" * 5000]
PASSWORDS = ["secret", "a%40secret", "a#secret", "a?secret", "a[secret", "a/secret", "secret#a", "secret?a", "secret/a"]
HOSTS = ["host", "h1:5433,h2:5434", "[::1]:5433", ""]
WITH_SECRETS = [f"jane:{password}@{host}/name?sslmode=require" for password in PASSWORDS for host in HOSTS]
IN_THE_QUERY = ["host/name?user=jane&password=secret", "/name?host=/run/postgresql&user=jane&password=secret#a"]
WRONG = [("mentor", "nobody"), ("start_date", None), ("end_date", EARLIER), ("expected_return_date", EARLIER)]


def read(**environ):
    return Settings.from_environ(environ)


def one_value(pool, sql):
    """Return the one value that the SQL gives on a connection of the pool."""
    with pool.connection_context():
        return pool.execute_sql(sql).fetchone()[0]


# --- the variables


def test_an_empty_environment_gives_the_defaults():
    for settings in (read(), read(DATABASE_URL="", PORT=" ", WEB_CONCURRENCY="")):
        assert (settings.sqlite_path, settings.port, settings.web_concurrency) == (str(DEFAULT_DATABASE), 8000, 2)
    assert DEFAULT_DATABASE.is_absolute()


def test_an_sqlite_url_names_a_file():
    assert read(DATABASE_URL="sqlite:///folder/file.db").sqlite_path == "folder/file.db"
    assert read(DATABASE_URL="sqlite:////folder/with%20space.db").sqlite_path == "/folder/with space.db"
    assert read(DATABASE_URL=" sqlite:///file.db\n").sqlite_path == "file.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_both_schemes_of_postgres_become_the_one_that_libpq_knows(scheme):
    settings = read(DATABASE_URL=f"{scheme}://user:secret@h1:5433,h2/name?sslmode=require")
    assert settings.database_url == "postgresql://user:secret@h1:5433,h2/name?sslmode=require"
    assert settings.sqlite_path is None


@pytest.mark.parametrize("url", [*NO_FILES, *NO_URLS, *(f"postgresql://{rest}" for rest in BAD_RESTS)])
def test_a_database_url_that_cannot_work_is_refused_in_one_line(url):
    with pytest.raises(SettingsError, match=r"\ADATABASE_URL: [^\n]+\Z") as refusal:
        read(DATABASE_URL=url)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("name", ["PORT", "WEB_CONCURRENCY"])
@pytest.mark.parametrize("value", BAD_NUMBERS)
def test_a_number_that_cannot_work_is_refused_in_one_line(name, value):
    with pytest.raises(SettingsError, match=rf"\A{name}: [^\n]+\Z"):
        read(**{name: value})


def test_the_ends_of_each_range_are_taken():
    assert [read(PORT=value).port for value in ("1", "65535", " 8080 ")] == [1, 65535, 8080]
    assert [read(WEB_CONCURRENCY=value).web_concurrency for value in ("1", "64")] == [1, 64]
    with pytest.raises(SettingsError, match="WEB_CONCURRENCY"):
        read(WEB_CONCURRENCY="65")


@pytest.mark.parametrize("rest", [*WITH_SECRETS, *IN_THE_QUERY])
def test_the_name_of_a_database_holds_no_user_and_no_password(rest):
    try:
        told = read(DATABASE_URL=f"postgres://{rest}").database_name
    except SettingsError as refusal:
        told = str(refusal)
    assert not re.search("secret|jane", told)


def test_the_name_of_a_database_says_where_it_is():
    name = read(DATABASE_URL="postgres://jane:secret@h1:5433,h2/mentors?sslmode=require").database_name
    assert [part in name for part in ("h1", "h2", "mentors")] == [True] * 3
    assert "/folder/file.db" in read(DATABASE_URL="sqlite:////folder/file.db").database_name


# --- SQLite


@pytest.mark.parametrize("place", ["relative.db", "folder/relative.db", "{tmp_path}/absolute.db", "with%20space.db"])
def test_an_sqlite_url_opens_its_file_with_every_pragma_in_force(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    settings = read(DATABASE_URL="sqlite:///" + place.format(tmp_path=tmp_path))
    pool = open_sqlite(settings.sqlite_path)
    pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
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

    def open_pool(url):
        pools.append(open_postgres(read(DATABASE_URL=url).database_url))
        return pools[-1]

    yield open_pool
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


@pytest.mark.parametrize(
    ("url", "first", "hosts", "ports"),
    [
        ("postgresql://one,two/name", None, "one,two", ","),
        ("postgresql://one,two/name", ("two", "5432"), "two,one", ","),
        ("postgresql://one:1,two:2,three:3/name", ("two", "2"), "two,one,three", "2,1,3"),
        ("postgresql://one,one/name?port=1,2", ("one", "2"), "one,one", "2,1"),
        ("postgresql://one,two/name?port=7", ("two", "7"), "two,one", "7,7"),
        ("postgresql://one/name", ("one", "5432"), None, None),
        ("postgresql:///name?host=one,two,three&port=1,2", None, None, None),
    ],
)
def test_of_several_hosts_the_one_that_answered_last_is_tried_first(url, first, hosts, ports):
    assert hosts_in_order(url, first) == ({"host": hosts, "port": ports} if hosts else {})


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


@pytest.fixture
def ada(client):
    with db.connection_context():
        MentorStatus.create(mentor_id="ada", last_updated=TODAY, force_insert=True)


def pause(**columns):
    """Insert a pause record past all rules."""
    with db.connection_context(), db.atomic():
        PauseRecord.create(**{"mentor": "ada", "start_date": TODAY, "created_at": TODAY} | columns)


@pytest.mark.parametrize(("column", "value"), WRONG)
def test_the_database_itself_refuses_a_pause_that_cannot_be(ada, rows, column, value):
    with pytest.raises(IntegrityError):
        pause(**{column: value})
    assert rows("pause_record") == []


@pytest.mark.parametrize("reason", ["workload", None])
def test_the_database_itself_refuses_the_same_pause_twice(ada, rows, reason):
    pause(reason=reason, end_date=TODAY, expected_return_date=TODAY)
    with pytest.raises(IntegrityError):
        pause(reason=reason)
    assert len(rows("pause_record")) == 1


def test_the_database_itself_refuses_a_mentor_twice_and_deletes_pauses_with_her(ada, rows):
    with pytest.raises(IntegrityError), db.connection_context():
        MentorStatus.create(mentor_id="ada", last_updated=TODAY, force_insert=True)
    pause()
    with db.connection_context():
        MentorStatus.delete().execute()
    assert rows("pause_record") == []


def test_the_id_of_a_deleted_pause_record_is_never_used_again(client):
    ids = []
    for path in (f"{PAUSES}/pause-rec-0001", f"{MENTORS}/ada", f"{PAUSES}/pause-rec-0003"):
        client.post(MENTORS, json={"mentor_id": "ada"})
        sent = {"mentor_id": "ada", "start_date": TODAY, "reason": "workload"}
        ids.append(client.post(PAUSES, json=sent).json["pause_record_id"])
        assert client.delete(path).status_code == 200
    assert ids == ["pause-rec-0001", "pause-rec-0002", "pause-rec-0003"]


def test_mentor_ids_are_sorted_by_their_bytes(client):
    ids = ["a~", "B", "a", "A.", "a-", "a_", "b", "A", "Aa", "aB", "a:", "a@", "a.", "a1", "10", "9", "a0", "AA"]
    for mentor_id in ids:
        assert client.post(MENTORS, json={"mentor_id": mentor_id}).status_code == 201
    assert [mentor["mentor_id"] for mentor in client.get(MENTORS).json["data"]] == sorted(ids, key=str.encode)
