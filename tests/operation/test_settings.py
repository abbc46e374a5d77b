"""What the environment may say."""

import re
import runpy
from unittest.mock import Mock

import pytest

from settings import BODY_BYTES, DEFAULT_DATABASE, TABLE_BYTES, Settings, SettingsError
from tests.support.server import REPOSITORY

NO_FILES = [
    "sqlite:///file:file.db",
    "sqlite:///:memory:",
    "sqlite:///%3Amemory%3A",
    "sqlite://",
    "sqlite:///",
    "sqlite:////",
    "sqlite:///%00.db",
    "sqlite:///a%0Ab.db",
]
NO_URLS = ["file.db", "sqlite:file.db", "sqlite://file.db", "sqlite:///file.db?mode=ro", "postgresql:n", "mysql://h/n"]
BAD_RESTS = ["", "h/a@b", "h/%00", "u:secret@h/n?nonsense=1", "u:secret%zz@h/n", "u:secret@[::1/n", "u:secret@h:port/n"]
BAD_RESTS += ["u:a/secret@h/n", "u:secret@h/n\n# a note", "u:secret\udcff@h/n"]
BAD_NUMBERS = ["0", "-1", "+8", "65536", "8000.0", "1e3", "8_0", "٨", "abc", "8000\n8001", "9" * 5000]
SPECIAL = ["%40", "#", "?", "[", "/", "@", ":", "@1:", "1/", "1:2/", "1,b/", "1?dbname=", "&host=", "%", " ", "\\", "="]
PASSWORDS = ["secret", *(f"{each}secret" for each in SPECIAL), *(f"a{each}secret" for each in SPECIAL)]
PASSWORDS += [f"secret{each}a" for each in SPECIAL]
NO_MENTOR_URLS = [
    "{mentor_id}",
    "/people/{mentor_id}",
    "javascript:alert({mentor_id})",
    "https:///{mentor_id}",
    "https://app.example/people",
    "https://app.example/people/{id}",
    "https://app.example/{mentor_id}/{mentor_id}",
    "https://app.example/{mentor_id",
    "https://app.example/\n{mentor_id}",
    "https://{mentor_id}.app.example/",
    "https://app.example{mentor_id}",
    "https://jane:secret@app.example/{mentor_id}",
]
HOSTS = ["host", "h1:5433,h2:5434", "[::1]:5433", ""]
WITH_SECRETS = [f"jane:{password}@{host}/name?sslmode=require" for password in PASSWORDS for host in HOSTS]
IN_THE_QUERY = ["host/name?user=jane&password=secret", "/name?host=/run/postgresql&user=jane&password=secret#a"]
IN_THE_QUERY += [f"host?password=a{each}secret&user=jane" for each in ("@", "/", "&host=secret@", "&dbname=secret@")]


def read(**environ):
    return Settings.from_environ(environ)


def test_an_empty_environment_gives_the_defaults():
    for settings in (read(), read(DATABASE_URL="", PORT=" ", WEB_CONCURRENCY="")):
        assert (settings.sqlite_path, settings.port, settings.web_concurrency) == (str(DEFAULT_DATABASE), 8000, 2)
    assert DEFAULT_DATABASE.is_absolute()


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_tokens_that_are_set_but_empty_do_not_open_the_api(value):
    with pytest.raises(SettingsError, match=r"\AAPI_TOKENS: it is set, but empty; [^\n]+\Z"):
        read(API_TOKENS=value)


@pytest.mark.parametrize("value", ["", "  "])
def test_a_file_of_tokens_without_a_name_does_not_open_the_api(value):
    with pytest.raises(SettingsError, match=r"\AAPI_TOKENS_FILE: it is set, but empty; [^\n]+\Z"):
        Settings.from_environ({"API_TOKENS_FILE": value})


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


@pytest.mark.parametrize("name", ["DATABASE_POOL_SIZE", "PORT", "WEB_CONCURRENCY"])
@pytest.mark.parametrize("value", BAD_NUMBERS)
def test_a_number_that_cannot_work_is_refused_in_one_line(name, value):
    with pytest.raises(SettingsError, match=rf"\A{name}: [^\n]+\Z"):
        read(**{name: value})


def test_the_ends_of_each_range_are_taken():
    assert [read(PORT=value).port for value in ("1", "65535", " 8080 ")] == [1, 65535, 8080]
    assert [read(WEB_CONCURRENCY=value).web_concurrency for value in ("1", "64")] == [1, 64]
    assert [read(DATABASE_POOL_SIZE=value).database_pool_size for value in ("1", "64")] == [1, 64]
    with pytest.raises(SettingsError, match="WEB_CONCURRENCY"):
        read(WEB_CONCURRENCY="65")


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example/people/{mentor_id}",
        "http://localhost:3000/?id={mentor_id}&tab=pauses",
        "https://[::1]:8443/#/people/{mentor_id}",
        "https://app.example/%C3%A9t%C3%A9/~{mentor_id}.html",
    ],
)
def test_the_address_of_a_mentor_has_their_id_in_its_path_query_or_fragment(url):
    assert read(MENTOR_URL=url).mentor_url == url
    assert read(MENTOR_URL=" ").mentor_url is None


@pytest.mark.parametrize("url", NO_MENTOR_URLS)
def test_an_address_of_a_mentor_that_cannot_work_is_refused_in_one_line(url):
    with pytest.raises(SettingsError, match=r"\AMENTOR_URL: [^\n]+{mentor_id}[^\n]*\Z") as refusal:
        read(MENTOR_URL=url)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("rest", [*WITH_SECRETS, *IN_THE_QUERY])
def test_the_name_of_a_database_holds_no_user_and_no_password(rest):
    try:
        told = read(DATABASE_URL=f"postgres://{rest}").database_name
    except SettingsError as refusal:
        told = str(refusal)
    assert not re.search("secret|jane", told)


@pytest.mark.parametrize("password", ["a@b", "1/b", "@b", "1,b/c", "b?c=d"])
def test_a_password_that_libpq_would_read_as_a_host_or_a_name_is_refused_with_the_way_out(password):
    with pytest.raises(SettingsError, match=r"\ADATABASE_URL: [^\n]+percent-encode the password[^\n]+\Z"):
        read(DATABASE_URL=f"postgres://jane:{password}@host/name")
    encoded = "".join(f"%{ord(each):02X}" for each in password)
    assert read(DATABASE_URL=f"postgres://jane:{encoded}@host/name").database_name == "postgresql host/name"


def test_the_name_of_a_database_says_where_it_is():
    name = read(DATABASE_URL="postgres://jane:secret@h1:5433,h2/mentors?sslmode=require").database_name
    assert [part in name for part in ("h1", "h2", "mentors")] == [True] * 3
    assert "/folder/file.db" in read(DATABASE_URL="sqlite:////folder/file.db").database_name


@pytest.mark.parametrize(("path", "largest"), [("/mentors", BODY_BYTES), ("/mentors.csv", TABLE_BYTES)])
def test_gunicorn_closes_the_connection_after_a_body_that_is_larger_than_the_service_reads(path, largest):
    pre_request = runpy.run_path(REPOSITORY / "gunicorn.conf.py")["pre_request"]
    for length in (largest, largest + 1):
        request = Mock(path=path, headers=[("CONTENT-LENGTH", str(length))])
        pre_request(None, request)
        assert request.force_close.called == (length > largest)


@pytest.mark.parametrize("value", ["a:sixteen-characters:all", "a:sixteen-characters:READ", "a:sixteen-characters:"])
def test_an_unknown_role_stops_the_start(value):
    with pytest.raises(SettingsError, match=r"API_TOKENS: item 1 is wrong; write .* ROLE one of read, status, feed\."):
        read(API_TOKENS=value)


def test_nothing_that_the_service_installs_reads_a_dotenv_file():
    assert "dotenv" not in (REPOSITORY / "requirements.txt").read_text()
