"""Tokens whose secret nobody but their holder knows, secrets in files, and how new tokens are taken from theirs."""

import os
import signal
import threading
import time
from contextlib import contextmanager
from hashlib import sha256

import pytest
from click.testing import CliRunner

import cli
from settings import Settings, SettingsError, Token, digest_of, make_token
from tests.support.commands import GUNICORN, command, flask, run
from tests.support.server import START_SECONDS, Server, free_port
from web.auth import TokenFile

MENTORS = "/api/v1/mentor-statuses"
SECRET, OTHER = "s" * 43, "o" * 43
HEX = sha256(SECRET.encode()).hexdigest()


def read(**environ):
    return Settings.from_environ(environ)


# --- API_TOKENS


@pytest.mark.parametrize(
    ("role", "of_token"), [("", None), (":read", "read"), (":status", "status"), (":feed", "feed")]
)
@pytest.mark.parametrize("written", [SECRET, f"sha256={HEX}", f"SHA256={HEX.upper()}"])
def test_a_secret_and_its_hash_give_the_same_token(written, role, of_token):
    assert read(API_TOKENS=f"ada:{written}{role}").api_tokens == (Token("ada", HEX, of_token),)


@pytest.mark.parametrize("digits", [HEX[:-1], HEX + "0", "g" + HEX[1:], "", " " + HEX, HEX[:32]])
def test_a_hash_of_other_than_64_hexadecimal_digits_stops_the_start_and_is_not_printed(digits):
    with pytest.raises(SettingsError, match=r"\AAPI_TOKENS: item 2 [^\n]+\Z") as refusal:
        read(API_TOKENS=f"bob:{OTHER},ada:sha256={digits}")
    assert HEX[:16] not in str(refusal.value)


@pytest.mark.parametrize("secret", [f"{'s' * 42}=", f"{'s' * 42}==", "shared=secret/of+all", "1234567890123456=7"])
def test_a_secret_may_have_an_equals_sign(secret):
    assert read(API_TOKENS=f"ada:{secret}").api_tokens == read(API_TOKENS=f"ada:sha256={digest_of(secret)}").api_tokens


def test_a_secret_and_its_hash_are_not_two_tokens():
    with pytest.raises(SettingsError, match="two items have the same token"):
        read(API_TOKENS=f"ada:{SECRET},bob:sha256={HEX}")


def test_no_secret_stands_in_the_settings():
    assert SECRET not in repr(read(API_TOKENS=f"ada:{SECRET}"))


# --- the command


def test_the_command_makes_a_token_whatever_api_tokens_says():
    code, (secret, item) = run(command("token", "ada", "read"), API_TOKENS="", API_TOKENS_FILE="/nowhere")
    assert code == 0
    secret, item = secret.split()[-1], item.split()[-1]
    assert read(API_TOKENS=item).api_tokens == read(API_TOKENS=f"ada:{secret}:read").api_tokens
    assert len(secret) == 43  # 32 bytes in base64


def test_each_token_is_another_and_without_a_role_it_has_none():
    (one, item), (other, _) = make_token("ada"), make_token("ada")
    assert one != other
    assert read(API_TOKENS=item).api_tokens[0].role is None


@pytest.mark.parametrize("words", [("a:b",), ("a,b",), ("",), ("a" * 65,), ("ada", "boss")])
def test_a_name_or_a_role_that_cannot_be_makes_no_token(words):
    ended = CliRunner().invoke(cli.token, words)
    assert ended.exit_code != 0
    assert "sha256" not in ended.output


# --- files


@pytest.fixture
def file(tmp_path):
    """Return a file with a token."""
    path = tmp_path / "secret"
    path.write_text(f"ada:{SECRET}\n")
    return path


def test_tokens_and_the_address_of_the_database_are_read_from_files_without_the_line_break_at_their_end(file, tmp_path):
    (tmp_path / "url").write_text("postgres://jane:secret@host/name\n\n")
    settings = read(API_TOKENS_FILE=str(file), DATABASE_URL_FILE=f"{tmp_path}/url")
    assert settings.read_tokens() == (Token("ada", HEX, None),)
    assert settings.database_url == "postgresql://jane:secret@host/name"
    file.write_text(f"ada:{SECRET},\r\nbob:{OTHER}:read\r\n")
    assert len(settings.read_tokens()) == 2


def test_a_variable_that_is_set_and_in_a_file_too_is_refused(file):
    for name, values in {"API_TOKENS": (f"bob:{OTHER}", ""), "DATABASE_URL": ("sqlite:///file.db",)}.items():
        for value in values:
            with pytest.raises(SettingsError, match=rf"\A{name}_FILE: {name} is set, too; [^\n]+\Z"):
                read(**{name: value, f"{name}_FILE": str(file)})


@pytest.mark.parametrize("name", ["API_TOKENS_FILE", "DATABASE_URL_FILE"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", None, "folder"])
def test_a_file_that_cannot_be_used_is_refused_in_one_line_that_names_its_variable(file, name, content):
    file.unlink()
    if content == "folder":
        file.mkdir()
    elif content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=rf"\A{name}: [^\n]+\Z"):
        read(**{name: str(file)}).read_tokens()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_TOKENS_FILE", f"ada:{SECRET}:read"),
        ("API_TOKENS_FILE", f"ada:{SECRET},bob:{OTHER * 9}"),
        ("DATABASE_URL_FILE", f"postgres://jane:{SECRET}@host/name"),
        ("DATABASE_URL_FILE", f"postgres://jane:{SECRET * 99}@host/name"),
    ],
)
def test_a_value_in_the_place_of_a_path_stops_the_start_and_is_not_printed(name, value, tmp_path):
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/file.db"} if name == "API_TOKENS_FILE" else {}
    for words in (GUNICORN, command("migrate")):
        code, lines = run(words, PORT=free_port(), **given, **{name: value})
        assert (code, len(lines)) == (1, 1), lines
        assert lines[0].startswith(f"{name}: its file cannot be read (")
        assert not any(part in lines[0] for part in ("ada", "jane", SECRET, OTHER))


def test_what_a_worker_logs_about_a_value_in_the_place_of_a_path_does_not_have_the_value():
    fault = TokenFile(Settings(api_tokens_file=f"ada:{SECRET}")).fault
    assert fault.startswith("API_TOKENS_FILE: its file cannot be read (")
    assert "ada" not in fault and SECRET not in fault


def test_a_file_may_begin_with_a_byte_order_mark(file, tmp_path):
    file.write_text(f"ada:{SECRET}", encoding="utf-8-sig")
    (tmp_path / "url").write_text("sqlite:///file.db", encoding="utf-8-sig")
    settings = read(API_TOKENS_FILE=str(file), DATABASE_URL_FILE=f"{tmp_path}/url")
    assert (settings.read_tokens(), settings.sqlite_path) == ((Token("ada", HEX, None),), "file.db")


@pytest.mark.parametrize("name", ["API_TOKENS_FILE", "DATABASE_URL_FILE"])
def test_a_file_that_cannot_be_used_stops_the_start_of_the_service(name, file, tmp_path):
    file.write_text("nonsense")
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/file.db"} if name == "API_TOKENS_FILE" else {}
    code, lines = run(GUNICORN, PORT=free_port(), **given, **{name: file})
    assert (code, len(lines)) == (1, 1), lines
    assert lines[0].startswith(f"{name}: ")
    assert "nonsense" not in lines[0]


def test_a_command_other_than_migrate_does_not_look_at_the_file_of_the_tokens(tmp_path):
    url, nowhere = f"sqlite:///{tmp_path}/file.db", {"api_tokens_file": f"{tmp_path}/nowhere"}
    assert flask(url, "seed", **nowhere)[1][0].startswith("seed: there is no database ")
    assert flask(url, "migrate", **nowhere)[1][0].startswith("API_TOKENS_FILE: ")


# --- new tokens in the file


def status(server, secret):
    """Return the status of the answer to a request with this token."""
    headers = {"Authorization": f"Bearer {secret}"}
    return server.request("GET", f"{MENTORS}?limit=1", headers=headers)[0].status


def statuses(server, secret):
    """Return the statuses of both workers' answers to this token: each is asked while the other one is stopped."""
    answered = set()
    for other in server.workers():
        os.kill(other, signal.SIGSTOP)
        answered.add(status(server, secret))
        os.kill(other, signal.SIGCONT)
    return answered


def wait_for_statuses(server, expected):
    """Return when the tokens, as {secret: status}, are answered so by both workers."""
    deadline = time.monotonic() + START_SECONDS
    while {secret: statuses(server, secret) for secret in expected} != {each: {expected[each]} for each in expected}:
        assert time.monotonic() < deadline, server.log()


@contextmanager
def asked_all_the_time(server, secret):
    """Ask with this token until it is left, and assert that each answer was a 200."""
    ended, answers = threading.Event(), []

    def ask():
        while not ended.is_set():
            answers.append(status(server, secret))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    assert set(answers) == {200}


class ClosedServer(Server):
    """A server whose tokens are in a file."""

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while not self.is_listening() or len(self.workers()) < 2:
            assert time.monotonic() < deadline and self.process.poll() is None, self.log()
            time.sleep(0.01)
        statuses(self, SECRET)  # once both have answered, both have read the file


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Run a server of two workers for the tests of this file; yield it and the file of its tokens."""
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "tokens").write_text(f"ada:{SECRET}\n")
    given = {"API_TOKENS_FILE": folder / "tokens", "WEB_CONCURRENCY": 2}
    with ClosedServer(f"sqlite:///{folder}/file.db", **given) as server:
        yield server, folder / "tokens"


@pytest.fixture
def tokens(running):
    """Return the file of the server's tokens, which has one token that the server knows."""
    server, path = running
    path.write_text(f"ada:{SECRET}\n")
    wait_for_statuses(server, {SECRET: 200, OTHER: 401})
    return path


@pytest.fixture
def server(running, tokens):
    return running[0]


def reload(server):
    old = server.workers()
    server.process.send_signal(signal.SIGHUP)
    server.wait_for_other_workers(old)


def kill_a_worker(server):
    worker = min(server.workers())
    os.kill(worker, signal.SIGKILL)
    server.wait_for_other_workers({worker})


def test_tokens_are_rotated_without_a_signal_and_without_losing_a_request(server, tokens):
    old = server.workers()
    with asked_all_the_time(server, SECRET):
        tokens.write_text(f"ada:{SECRET}\nada:{OTHER}")
        wait_for_statuses(server, {OTHER: 200})
    with asked_all_the_time(server, OTHER):
        tokens.write_text(f"ada:{OTHER}")
        wait_for_statuses(server, {SECRET: 401})
    assert server.workers() == old


@pytest.mark.parametrize("restart", [reload, kill_a_worker])
def test_a_worker_that_starts_while_the_file_is_wrong_answers_503_until_it_is_right(server, tokens, restart):
    tokens.write_text("")
    restart(server)
    new_workers = {503} if restart is reload else {200, 503}  # the worker that lives on has its tokens
    deadline = time.monotonic() + START_SECONDS
    while (answered := statuses(server, SECRET)) != new_workers:
        assert answered <= new_workers and time.monotonic() < deadline, server.log()
    while (answered := server.request("GET", MENTORS, headers={"Authorization": f"Bearer {SECRET}"}))[0].status != 503:
        assert time.monotonic() < deadline
    refused, problem = answered
    assert (problem["code"], refused.headers["Retry-After"]) == ("unavailable", "1")
    reasons = [line for line in server.log().splitlines() if problem["request_id"] in line]
    assert any(line.startswith("ERROR") and "API_TOKENS_FILE: its file is empty" in line for line in reasons), reasons
    assert {server.request("GET", path)[0].status for path in ("/readyz", "/livez", "/") for _ in range(10)} == {200}
    tokens.write_text(f"ada:{OTHER}")
    wait_for_statuses(server, {SECRET: 401, OTHER: 200})


def test_the_file_of_the_database_is_read_once(tmp_path):
    url = tmp_path / "url"
    url.write_text(f"sqlite:///{tmp_path}/file.db\n")
    with Server("", DATABASE_URL_FILE=url) as server:
        assert server.request("POST", MENTORS, {"mentor_id": "ada"})[0].status == 201
        url.write_text(f"sqlite:///{tmp_path}/other.db")
        for restart in (reload, kill_a_worker):
            restart(server)
            assert server.request("GET", f"{MENTORS}/ada")[0].status == 200
    assert {path.name for path in tmp_path.glob("*.db*")} == {"file.db", "file.db.lock"}
