"""What the environment may say: each variable, with the values that it takes and those that are refused."""

import re
import runpy
from functools import partial
from hashlib import sha256
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from settings import (
    BODY_BYTES,
    DEFAULT_DATABASE,
    PARSERS,
    ROLES,
    TABLE_BYTES,
    MailServer,
    Settings,
    SettingsError,
    Token,
    probably_meant,
)
from tests.support.server import REPOSITORY
from tests.support.tables import MENTORS
from tests.support.values import values
from web.auth import REFUSALS

SECRET, OTHER = "secret-of-43-characters".ljust(43, "s"), "secret-of-another".ljust(43, "o")
HEX = sha256(SECRET.encode()).hexdigest()
ADA = Token("ada", HEX)
ONE_LINE = r"\A{}: [^\n]*{}[^\n]*\Z"
TOLD = re.compile(f"secret|jane|anna|größe|{HEX[:16]}")  # what no message may have
DEFAULTS = {  # as the guide has them
    "sqlite_path": str(DEFAULT_DATABASE),
    "has_tokens": False,
    "log_level": "INFO",
    "log_format": "logfmt",
    "time_zone": "UTC",
    "board_title": "Mentor board",
}
TITLES = ["M", "m" * 40, "Mentors of <b>Zürich</b> & Bern", "מנטורים", "👩‍🏫 Mentors"]
MENTOR_URLS = [
    "https://app.example/people/{mentor_id}",
    "http://localhost:3000/?id={mentor_id}&tab=pauses",
    "https://[::1]:8443/#/people/{mentor_id}",
    "https://app.example/%C3%A9t%C3%A9/~{mentor_id}.html",
]
ADDRESSES = {
    "anna@example.org": ("anna@example.org",),
    " anna.b+mentors@example.org , root@localhost ": ("anna.b+mentors@example.org", "root@localhost"),
    "anna@xn--strae-oqa.example": ("anna@xn--strae-oqa.example",),
}
SMTP_URLS = {
    "smtps://anna:secret@mail.example.org": (True, "mail.example.org", 465, "anna", "secret"),
    "smtp://anna:secret@mail.example.org": (False, "mail.example.org", 587, "anna", "secret"),
    "smtp://a%40b.org:%3A%2F%40%23%3F%25@h:25/": (False, "h", 25, "a@b.org", ":/@#?%"),
    "smtp://localhost:65535": (False, "localhost", 65535, None, None),
    "smtp://[::1]:2525": (False, "::1", 2525, None, None),
}
ZONES = ["UTC", "America/Los_Angeles", "America/Argentina/Ushuaia", "Etc/GMT+8", "US/Pacific"]
POSTGRES = "user:secret@h1:5433,h2/name?sslmode=require"
LOOKS_LIKE_A_HOST = ["a@b", "1/b", "@b", "1,b/c", "b?c=d"]  # to libpq, of a password
WRITTEN = SECRET, f"sha256={HEX}", f"SHA256={HEX.upper()}"  # a token in API_TOKENS
TAKEN = [  # variables, and what the settings have then
    ({}, DEFAULTS),
    *(({"API_TOKENS": f"ada:{written}"}, {"api_tokens": (ADA,), "has_tokens": True}) for written in WRITTEN),
    *(
        ({"API_TOKENS": f"ada:{written}:{role}"}, {"api_tokens": (Token("ada", HEX, role),)})
        for written in WRITTEN
        for role in ("write", "read", "status", "feed")
    ),
    *(
        ({"API_TOKENS": f"ada:{secret}"}, {"api_tokens": (Token("ada", sha256(secret.encode()).hexdigest()),)})
        for secret in (f"{'s' * 42}==", "shared=secret/of+all", "1234567890123456=7")
    ),
    ({"CORS_ORIGINS": "https://a:8443,http://b:443"}, {"cors_origins": ("https://a:8443", "http://b:443")}),
    ({"DATABASE_URL": " sqlite:///folder/file.db\n"}, {"sqlite_path": "folder/file.db"}),
    (
        {"DATABASE_URL": "sqlite:////folder/with%20space.db"},
        {"sqlite_path": "/folder/with space.db", "database_name": "sqlite /folder/with space.db"},
    ),
    *(
        (
            {"DATABASE_URL": f"{scheme}://{POSTGRES}"},
            {"database_url": f"postgresql://{POSTGRES}", "database_name": "postgresql h1,h2/name"},
        )
        for scheme in ("postgres", "postgresql")
    ),
    *(
        ({"DATABASE_URL": f"postgres://jane:{password}@host/name"}, {"database_name": "postgresql host/name"})
        for password in (quote(each, safe="") for each in LOOKS_LIKE_A_HOST)
    ),
    *(
        ({name: value}, {name.lower(): int(value)})
        for name, highest in (("PORT", 65535), ("WEB_CONCURRENCY", 64), ("DATABASE_POOL_SIZE", 64))
        for value in ("1", f" {highest} ")
    ),
    *(({"BOARD_TITLE": f" {title} "}, {"board_title": title}) for title in TITLES),
    *(({"MENTOR_URL": url}, {"mentor_url": url}) for url in MENTOR_URLS),
    *(({"TIME_ZONE": f" {zone} "}, {"time_zone": zone}) for zone in ZONES),
    *(({"SMTP_URL": url}, {"smtp_url": MailServer(*server)}) for url, server in SMTP_URLS.items()),
    *(
        ({"DIGEST_TO": written, "DIGEST_FROM": written.split(",")[0]}, {"digest_to": read, "digest_from": read[0]})
        for written, read in ADDRESSES.items()
    ),
]
BAD_NUMBERS = ["0", "-1", "+8", "65536", "8000.0", "1e3", "8_0", "٨", "abc", "8000\n8001", "9" * 5000]
BAD_DIGITS = [HEX[:-1], HEX + "0", HEX + "read", "g" + HEX[1:], "", " " + HEX, HEX[:32]]
NO_FILES = ["file:file.db", ":memory:", "%3Amemory%3A", "", "/"]
NO_URLS = ["file.db", "sqlite:file.db", "sqlite://", "sqlite://file.db", "sqlite:///file.db?mode=ro"]
NO_URLS += ["postgresql:n", "mysql://h/n"]
BAD_RESTS = ["", "h/a@b", "u:secret@h/n?nonsense=1", "u:secret%zz@h/n", "u:secret@[::1/n", "u:secret@h:port/n"]
BAD_RESTS += ["u:a/secret@h/n", "u:secret\udcff@h/n"]
CONTROL_CHARACTERS = ["sqlite:///%00.db", "sqlite:///a%0Ab.db", "postgresql://h/%00", "postgresql://u:secret@h/n\n# x"]
NO_TITLES = ["m" * 41, "a\nb", "a\tb", "a\x1b[2Jb", "a\x85b", "a\u2028b", "\udcff"]
NO_MENTOR_URLS = values(r"""
"/people/{mentor_id}" "javascript:alert({mentor_id})" "https:///{mentor_id}" "https://{mentor_id}.app.example/"
"https://app.example/people" "https://app.example/{id}" "https://app.example/{mentor_id}/{mentor_id}"
"https://app.example/\n{mentor_id}" "https://app.example{mentor_id}" "https://jane:secret@app.example/{mentor_id}"
""")
NO_SMTP_URLS = values(r"""
"mail.example.org" "http://anna:secret@host" "smtp://anna:secret@" "smtp://secret@host" "smtp://anna:@host"
"smtp://:secret@host" "smtp://anna:secret@host@host" "smtp://anna:1/secret@host" "smtp://anna:a#secret@host"
"smtp://anna:a?secret@host" "smtp://anna:a:secret@host" "smtp://anna:secret@host:0" "smtp://anna:secret@host:65536"
"smtp://an/na:secret@host" "smtp://anna:secret@host/inbox" "smtp://anna:secret@host..org"
"smtp://anna:secret@müller.example"
""")
NO_SMTP_URLS += [f"smtp://anna:secret@{'a' * 64}.org"]
NOT_ASCII = ["anna:secret%0A", "anna:secret%00", "anna:secret-größe", "anna:secret-gr%C3%B6%C3%9Fe", "größe:secret"]
NOT_ASCII += ["anna:secret%FF"]
NO_ADDRESSES = values(r"""
"anna" "@example.org" "anna@" "anna@b@example.org" "größe@example.org" "anna@müller.example"
"Anna\u0020<anna@example.org>" "anna@example.org\nBcc:\u0020bob@example.org" "anna\u0020b@example.org"
".anna@example.org" "anna..b@example.org" "\"anna\u0020b\"@example.org" "anna@example..org" "anna@-example.org"
"anna@[127.0.0.1]" "anna@\udcff.org" ""
""")
NO_ADDRESSES += [f"{'anna' * 16}a@example.org", f"anna@{'a' * 64}.org", f"anna@{'a.' * 127}org"]
NO_ZONES = values(r"""
"America/Nowhere" "PST8PDT" "EST" "CET" "GMT" "utc" "america/los_angeles" "America" "America/" "../UTC" "America/../UTC"
"/usr/share/zoneinfo/America/Los_Angeles" "/usr/share/zoneinfo/UTC" "/etc/localtime" "zones/../x" "posix/UTC" "+01:00"
"Asia/A\nx"
""")
REFUSED = {  # by the variable and a part of what is said: the values
    ("API_TOKENS", "it is set, but empty"): ["", " ", "\n"],
    ("API_TOKENS_FILE", "it is set, but empty"): ["", "  "],
    ("API_TOKENS", "item 1 is wrong"): ["x", "name:secret", f"ada:{SECRET}:erase", f":{SECRET}"],
    ("API_TOKENS", "item 2 is wrong"): [f"a:{SECRET},", *(f"b:{OTHER},ada:sha256={each}" for each in BAD_DIGITS)],
    ("API_TOKENS", r"ROLE one of write, read, status, feed\."): [f"a:{SECRET}:{role}" for role in ("all", "READ", "")],
    ("API_TOKENS", "two items have the same token"): [f"a:{SECRET},b:{same}" for same in (SECRET, f"sha256={HEX}")],
    ("CORS_ORIGINS", "is no origin"): ["example.org", "http://[::1"],
    ("CORS_ORIGINS", "default port"): ["https://app.example:443", "https://app.example,http://localhost:80"],
    ("DATABASE_URL", "percent-encode the password"): [
        *(f"sqlite:///{each}" for each in NO_FILES),
        *NO_URLS,
        *(f"postgresql://{rest}" for rest in BAD_RESTS),
        *(f"postgres://jane:{password}@host/name" for password in LOOKS_LIKE_A_HOST),
    ],
    ("BOARD_TITLE", "write 1 to 40 characters"): NO_TITLES,
    ("DATABASE_URL", "control character"): CONTROL_CHARACTERS,
    ("DATABASE_POOL_SIZE", "is not a whole number from 1 to 64"): [*BAD_NUMBERS, "65"],
    ("DIGEST_FROM", "it is not a mail address"): ["anna@example.org,bob@example.org"],
    ("DIGEST_TO", "item 2 is not a mail address"): [f"bob@example.org,{address}" for address in NO_ADDRESSES],
    ("LOG_FORMAT", "is not one of logfmt, json"): ["xml"],
    ("LOG_LEVEL", "is not one of DEBUG"): ["LOUD"],
    ("MENTOR_URL", "{mentor_id}"): NO_MENTOR_URLS,
    ("PORT", "is not a whole number from 1 to 65535"): BAD_NUMBERS,
    ("SMTP_URL", "percent-encode the user and the password"): NO_SMTP_URLS,
    ("SMTP_URL", "must be printable ASCII"): [
        "smtp://anna:secret\nsecret@host",
        *(f"smtp://{account}@host" for account in NOT_ASCII),
    ],
    **{("TIME_ZONE", f"{re.escape(repr(zone))} is no time zone"): [zone] for zone in NO_ZONES},
    ("WEB_CONCURRENCY", "is not a whole number from 1 to 64"): [*BAD_NUMBERS, "65"],
}


def read(**environ):
    return Settings.from_environ(environ)


@pytest.mark.parametrize(("environ", "expected"), TAKEN)
def test_a_value_is_taken(environ, expected):
    settings = read(**environ)
    assert {name: getattr(settings, name) for name in expected} == expected
    assert "secret" not in repr(settings).replace(settings.database_url, "")


def test_a_variable_that_is_empty_counts_as_unset():
    assert read(DATABASE_URL="", PORT=" ", WEB_CONCURRENCY="", MENTOR_URL=" ") == read()


@pytest.mark.parametrize(
    ("name", "says", "value"), [(*refused, value) for refused, each in REFUSED.items() for value in each]
)
def test_a_value_is_refused_in_one_line_that_names_the_variable_and_no_secret(name, says, value):
    with pytest.raises(SettingsError, match=ONE_LINE.format(name, says)) as refusal:
        read(**{name: value})
    assert not TOLD.search(str(refusal.value))


# --- the name of the database, in the log

SPECIAL = ["%40", "#", "?", "[", "/", "@", ":", "@1:", "1/", "1:2/", "1,b/", "1?dbname=", "&host=", "%", " ", "\\", "="]
PASSWORDS = ["secret", *(f"{each}secret" for each in SPECIAL), *(f"a{each}secret" for each in SPECIAL)]
PASSWORDS += [f"secret{each}a" for each in SPECIAL]
HOSTS = ["host", "h1:5433,h2:5434", "[::1]:5433", ""]
WITH_SECRETS = [f"jane:{password}@{host}/name?sslmode=require" for password in PASSWORDS for host in HOSTS]
WITH_SECRETS += ["host/name?user=jane&password=secret", "/name?host=/run/postgresql&user=jane&password=secret#a"]
WITH_SECRETS += [f"host?password=a{each}secret&user=jane" for each in ("@", "/", "&host=secret@", "&dbname=secret@")]


def test_the_name_of_a_database_holds_no_user_and_no_password():
    for rest in WITH_SECRETS:
        try:
            told = read(DATABASE_URL=f"postgres://{rest}").database_name
        except SettingsError as refusal:
            told = str(refusal)
        assert not TOLD.search(told), rest


# --- files


@pytest.fixture
def value_file(tmp_path):
    """Return a file for the value of a variable."""
    return tmp_path / "value"


@pytest.mark.parametrize(
    ("content", "tokens"),
    [
        (f"\ufeffada:{SECRET}", (ADA,)),
        (f"ada:{SECRET},\r\nbob:{OTHER}:read\r\n", (ADA, Token("bob", sha256(OTHER.encode()).hexdigest(), "read"))),
    ],
)
def test_tokens_are_read_from_a_file(value_file, content, tokens):
    value_file.write_text(content)
    settings = read(API_TOKENS_FILE=str(value_file))
    assert (settings.read_token_file(), settings.has_tokens) == (tokens, True)


@pytest.mark.parametrize("content", ["postgres://jane:secret@host/name\n\n", "\ufeffpostgres://jane:secret@host/name"])
def test_the_address_of_the_database_is_read_from_a_file(value_file, content):
    value_file.write_text(content)
    assert read(DATABASE_URL_FILE=str(value_file)).database_url == "postgresql://jane:secret@host/name"


@pytest.mark.parametrize("name", ["API_TOKENS_FILE", "DATABASE_URL_FILE"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"nonsense", None, "folder"])
def test_a_file_that_cannot_be_used_is_refused_in_one_line_that_names_its_variable(value_file, name, content):
    if content == "folder":
        value_file.mkdir()
    elif content is not None:
        value_file.write_bytes(content)
    with pytest.raises(SettingsError, match=ONE_LINE.format(name, "")) as refusal:
        read(**{name: str(value_file)}).read_token_file()
    assert "nonsense" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"), [("API_TOKENS", f"bob:{OTHER}"), ("API_TOKENS", ""), ("DATABASE_URL", "sqlite:///file.db")]
)
def test_a_variable_that_is_set_and_in_a_file_too_is_refused(value_file, name, value):
    with pytest.raises(SettingsError, match=ONE_LINE.format(f"{name}_FILE", f"{name} is set, too;")):
        read(**{name: value, f"{name}_FILE": str(value_file)})


def test_nothing_that_the_service_installs_reads_a_dotenv_file():
    assert "dotenv" not in (REPOSITORY / "requirements.txt").read_text()


# --- gunicorn.conf.py


@pytest.mark.parametrize(
    ("path", "largest"),
    [(MENTORS, BODY_BYTES), (f"{MENTORS}/an-id.csv", BODY_BYTES), (f"{MENTORS}.csv", TABLE_BYTES)],
)
def test_gunicorn_closes_the_connection_after_a_body_that_is_larger_than_the_service_reads(path, largest):
    pre_request = runpy.run_path(REPOSITORY / "gunicorn.conf.py")["pre_request"]
    closed = []
    for length in (largest, largest + 1):
        headers = [("CONTENT-LENGTH", str(length))]
        pre_request(None, SimpleNamespace(path=path, headers=headers, force_close=partial(closed.append, length)))
    assert closed == [largest + 1]


# --- a name that is probably meant

MISSPELT = {
    "API_TOKEN": "API_TOKENS",
    "APITOKENS": "API_TOKENS",
    "API_TOKEMS": "API_TOKENS",
    "Api_Tokens": "API_TOKENS",
    "API_TOKENS_FILES": "API_TOKENS_FILE",
    "DATABASE_URI": "DATABASE_URL",
    "DATABASEURL_FILE": "DATABASE_URL_FILE",
    "CORS_ORIGIN": "CORS_ORIGINS",
    "LOGLEVEL": "LOG_LEVEL",
    "TIMEZONE": "TIME_ZONE",
    "xSMTP_URL": "SMTP_URL",
}
# What platforms, images and other programs set.
FOREIGN = """
API_KEY API_TOKEN_ID DATABASE_PUBLIC_URL DATABASE_URL_BASE64 DYNO FLY_APP_NAME GUNICORN_CMD_ARGS HOME HOST HOSTNAME
K_SERVICE LANG LC_ALL LOGNAME LOG_FILE MAIL MAILTO NO_PROXY PATH PGHOST PGPORT PORTS POST PWD REDIS_URL RENDER SHLVL
SMTP_HOST SORT TERM TOKEN TZ URL USER VCAP_APPLICATION WEB_MEMORY port
"""


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        *(({name: SECRET, "HOME": "/"}, {name: meant}) for name, meant in MISSPELT.items()),
        *(({name: SECRET, meant: ""}, {}) for name, meant in MISSPELT.items()),  # ours is set
        ({"API_TOKEN": SECRET, "API_TOKENS_FILE": "/run/tokens"}, {}),
        (dict.fromkeys(FOREIGN.split(), "1"), {}),
        *(({name: "1"}, {}) for name in (*PARSERS, "DATABASE_URL_FILE")),
    ],
)
def test_a_name_that_is_a_letter_away_from_one_of_ours_is_found_and_no_other(environ, found):
    assert probably_meant(environ) == found


def test_each_role_has_words_for_what_it_may_not_do():
    assert REFUSALS.keys() == set(ROLES)
