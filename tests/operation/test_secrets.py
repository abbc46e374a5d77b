"""Tokens whose secret nobody but their holder knows, secrets in files, and how a SIGHUP takes new ones."""

import os
import re
import signal
import threading
import time
from contextlib import contextmanager
from hashlib import sha256

import pytest

from settings import Settings, SettingsError, Token
from settings.tokens import make_token
from tests.operation.test_start import GUNICORN, run
from tests.support.commands import command
from tests.support.server import START_SECONDS, Server, free_port

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


def test_a_secret_and_its_hash_are_not_two_tokens():
    with pytest.raises(SettingsError, match="two items have the same token"):
        read(API_TOKENS=f"ada:{SECRET},bob:sha256={HEX}")


def test_two_tokens_of_one_name_are_known_side_by_side():
    assert [token.name for token in read(API_TOKENS=f"ada:{SECRET},ada:{OTHER}").api_tokens] == ["ada", "ada"]


def test_no_secret_stands_in_the_settings():
    assert SECRET not in repr(read(API_TOKENS=f"ada:{SECRET}"))


# --- the command


@pytest.mark.parametrize("variables", [{}, {"API_TOKENS": ""}, {"API_TOKENS": "x"}, {"API_TOKENS_FILE": "/nowhere"}])
def test_the_command_makes_a_token_whatever_api_tokens_says(variables):
    code, (secret, item) = run(command("token", "ada", "read"), **variables)
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
    code, lines = run(command("token", *words))
    assert code != 0
    assert not any("sha256" in line for line in lines)


# --- files


@pytest.fixture
def file(tmp_path):
    """Return a file, and write what it is given."""
    path = tmp_path / "secret"
    path.write_text(f"ada:{SECRET}\n")
    return path


def test_tokens_and_the_address_of_the_database_are_read_from_files_without_the_line_break_at_their_end(file, tmp_path):
    (tmp_path / "url").write_text("postgres://jane:secret@host/name\n\n")
    settings = read(API_TOKENS_FILE=str(file), DATABASE_URL_FILE=f"{tmp_path}/url")
    assert settings.api_tokens == (Token("ada", HEX, None),)
    assert settings.database_url == "postgresql://jane:secret@host/name"
    file.write_text(f"ada:{SECRET},\r\nbob:{OTHER}:read\r\n")
    assert len(read(API_TOKENS_FILE=str(file)).api_tokens) == 2


def test_a_variable_that_is_set_and_in_a_file_too_is_refused(file):
    for name, values in {"API_TOKENS": (f"bob:{OTHER}", ""), "DATABASE_URL": ("sqlite:///file.db",)}.items():
        for value in values:
            with pytest.raises(SettingsError, match=rf"\A{name}_FILE: {name} is set, too; [^\n]+\Z"):
                read(**{name: value, f"{name}_FILE": str(file)})


@pytest.mark.parametrize("name", ["API_TOKENS_FILE", "DATABASE_URL_FILE", "MIGRATION_DATABASE_URL_FILE"])
@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe", b"nonsense", None])
def test_a_file_that_cannot_be_used_is_refused_in_one_line_that_names_its_variable(file, name, content):
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=rf"\A{name}: [^\n]+\Z"):
        read(**{name: str(file)})


def test_a_folder_or_a_file_that_is_away_stops_the_start_of_the_service(file, tmp_path):
    url = f"sqlite:///{tmp_path}/file.db"
    for path in (tmp_path, tmp_path / "nowhere"):
        code, lines = run(GUNICORN, DATABASE_URL=url, API_TOKENS_FILE=path, PORT=free_port())
        assert (code, len(lines)) == (1, 1), lines
        assert lines[0].startswith(f"API_TOKENS_FILE: {path}: ")


# --- SIGHUP


def reload(server):
    old = server.workers()
    server.process.send_signal(signal.SIGHUP)
    server.wait_for_other_workers(old)


def statuses(server, secret):
    """Return what 20 requests with this token are answered, so that both workers are asked."""
    headers = {"Authorization": f"Bearer {secret}"}
    return {server.request("GET", f"{MENTORS}?limit=1", headers=headers)[0].status for _ in range(20)}


@contextmanager
def asked_all_the_time(server, secret):
    """Ask with this token until it is left, and assert that each answer was a 200."""
    ended, answers = threading.Event(), []

    def ask():
        while not ended.is_set():
            answers.append(statuses(server, secret))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    assert answers and set().union(*answers) == {200}


class ClosedServer(Server):
    """A server whose tokens are in a file."""

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while not self.is_listening() or len(self.workers()) < 2:
            assert time.monotonic() < deadline and self.process.poll() is None, self.log()
            time.sleep(0.01)


@pytest.fixture
def server(tmp_path, file):
    with ClosedServer(f"sqlite:///{tmp_path}/file.db", API_TOKENS_FILE=file) as server:
        yield server


def test_tokens_are_rotated_by_sighup_without_losing_a_request_and_a_worker_replaced_later_has_the_same(server, file):
    with asked_all_the_time(server, SECRET):
        file.write_text(f"ada:{SECRET}\nada:{OTHER}")
        reload(server)
        assert statuses(server, OTHER) == {200}
    file.write_text(f"ada:{OTHER}")
    reload(server)
    assert (statuses(server, SECRET), statuses(server, OTHER)) == ({401}, {200})
    # What the file says by now comes with the next SIGHUP, for all workers alike.
    file.write_text(f"ada:{SECRET}")
    old = server.workers()
    os.kill(min(old), signal.SIGKILL)
    server.wait_for_other_workers({min(old)})
    assert (statuses(server, SECRET), statuses(server, OTHER)) == ({401}, {200})


def test_at_sighup_an_empty_or_half_written_file_leaves_the_tokens_and_logs_an_error(server, file):
    for content in ("", f"ada:{OTHER},bo"):
        file.write_text(content)
        reload(server)
        assert (statuses(server, SECRET), statuses(server, OTHER)) == ({200}, {401})
    logged = re.findall(r"\[ERROR\] (.*)", server.log())
    assert [line.startswith("SIGHUP: the settings stay as they were; API_TOKENS_FILE: ") for line in logged] == [
        True
    ] * 2
    file.write_text(f"ada:{OTHER}")
    reload(server)
    assert (statuses(server, SECRET), statuses(server, OTHER)) == ({401}, {200})
