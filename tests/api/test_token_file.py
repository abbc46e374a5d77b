"""The tokens of API_TOKENS_FILE: when the file is read again, and what is done while it is bad."""

import dataclasses
from hashlib import sha256

import pytest

from app import create_app
from db import db
from settings import Settings
from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS
from web import auth

SECRET, OTHER = "s" * 43, "o" * 43
HEX, OTHER_HEX = (sha256(secret.encode()).hexdigest() for secret in (SECRET, OTHER))


@pytest.fixture
def token_file(tmp_path):
    """Return a file with a token."""
    path = tmp_path / "secret"
    path.write_text(f"ada:{SECRET}\n")
    return path


def tokens_in(file):
    return auth.TokenFile(Settings(api_tokens_file=str(file)))


def digests(tokens):
    return [token.digest for token in tokens.known_tokens()]


def test_a_token_file_is_read_at_most_once_a_second(token_file, seconds, monkeypatch):
    reads = []
    read_tokens = Settings.read_token_file
    monkeypatch.setattr(Settings, "read_token_file", lambda settings: reads.append(settings) or read_tokens(settings))
    tokens = tokens_in(token_file)
    for _ in range(3):
        assert digests(tokens) == [HEX]
    assert len(reads) == 2  # when the worker starts, and when it is first asked
    token_file.write_text(f"ada:{OTHER}")
    seconds[0] += 0.99
    assert digests(tokens) == [HEX]
    seconds[0] += 0.01
    assert digests(tokens) == [OTHER_HEX]
    assert len(reads) == 3


def test_each_fault_of_a_token_file_is_logged_once(token_file, seconds, lines):
    tokens = tokens_in(token_file)
    for content in (f"ada:{OTHER},bo", "", "", f"ada:{SECRET}", ""):
        token_file.write_text(content)
        for _ in range(2):
            seconds[0] += 1
            assert digests(tokens) == [HEX]
    assert [line.startswith('ERROR reason="API_TOKENS_FILE: ') for line in lines] == [True] * 3
    assert "item 2" in lines[0]
    assert not any(secret in line for line in lines for secret in (OTHER, SECRET))


@ON_SQLITE
def test_a_worker_that_starts_while_the_file_is_bad_answers_503_until_it_is_right(
    app, client, token_file, seconds, lines
):
    token_file.write_text("")
    db.close_all()  # the other app opens the same database anew, for both
    settings = dataclasses.replace(app.config["SETTINGS"], api_tokens_file=str(token_file))
    worker = create_app(settings, clock=app.config["CLOCK"]).test_client()

    def ask(secret):
        return worker.get(MENTORS, headers={"Authorization": f"Bearer {secret}"})

    refused = ask(SECRET)
    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "unavailable", "1")
    reasons = [line for line in lines if refused.json["request_id"] in line and line.startswith("ERROR")]
    assert ["API_TOKENS_FILE: its file is empty" in line for line in reasons] == [True]
    assert {worker.get(path).status_code for path in ("/readyz", "/livez", "/")} == {200}
    token_file.write_text(f"ada:{OTHER}")
    seconds[0] += 1
    assert [ask(secret).status_code for secret in (SECRET, OTHER)] == [401, 200]
