"""What every test checks besides: no problem and no line of the log tells a reason, a note, a token or a password."""

import threading

from tests.support.values import TEXTS_OF_MENTOR, TEXTS_OF_RECORD
from web import logs

PASSWORD = "canary-of-the-password"  # the tests' Postgres trusts everyone, and so takes any
TELLING = 6  # characters; a shorter value may stand in a text by chance
overheard = threading.local()


def overhear(line, write=logs.write):
    """Remember the lines that this thread writes into the log."""
    overheard.lines = [*getattr(overheard, "lines", ()), line]
    write(line)


logs.write = overhear


def secrets_of(body, headers=None):
    """Return what a request brings that nobody but its reader may be told: texts, metadata and the token."""
    body = body if isinstance(body, dict) else {}
    told = [body.get(name) for name in (*TEXTS_OF_MENTOR, *TEXTS_OF_RECORD, "metadata")]
    texts = [*strings(told), PASSWORD]
    texts += dict(headers or {}).get("Authorization", "").split()[1:]
    return {text for text in texts if len(text) >= TELLING}


def strings(value):
    """Yield every text within a JSON value, but the keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def assert_kept(secrets, *told):
    """Assert that none of the secrets stands in what was told."""
    for text in told:
        assert not [secret for secret in secrets if secret in text], f"it tells what it should not: {text}"
