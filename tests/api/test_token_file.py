"""The tokens of API_TOKENS_FILE: when the file is read again, and what is done while it is bad."""

from hashlib import sha256

import pytest

from mentors.problems import Unavailable
from settings import Settings
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


def test_a_file_that_was_bad_from_the_beginning_gives_no_tokens_until_it_is_right(token_file, seconds):
    token_file.write_text("")
    tokens = tokens_in(token_file)
    with pytest.raises(Unavailable) as refused:
        tokens.known_tokens()
    assert refused.value.reason.startswith("API_TOKENS_FILE: ")
    token_file.write_text(f"ada:{SECRET}")
    seconds[0] += 1
    assert digests(tokens) == [HEX]
