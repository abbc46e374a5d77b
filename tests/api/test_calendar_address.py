"""The address of the calendar that belongs to a token: what it opens, for how long, and who is named in the log."""

import dataclasses
import hmac
import json
from hashlib import sha256

import pytest

from tests.support.databases import ON_SQLITE
from web import auth, logs
from web.middleware import BASE

pytestmark = ON_SQLITE
MENTORS, CALENDAR, ADDRESS = "/api/v1/mentor-statuses", "/api/v1/pause-records.ics", "/api/v1/calendar-address"
ANNA, BEN, OTHER, MATCHING = "a" * 43, "b" * 43, "o" * 43, "m" * 43
TOKENS = f"anna:{ANNA},ben:{BEN}:read,matching:{MATCHING}:status"
REASON = "a private illness"


def calendar_token(secret):
    """Return the token in the address of the holder of this secret."""
    return hmac.new(sha256(secret.encode()).digest(), b"calendar", sha256).hexdigest()


def address(secret):
    return f"{CALENDAR}?token={calendar_token(secret)}"


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def closed(client, configured):
    """Return a client of the app, which asks for tokens; mentor ada is paused."""
    sent = {"mentor_id": "ada", "status": "paused", "pause_reason": REASON}
    assert client.post(MENTORS, json=sent).status_code == 201
    return configured(API_TOKENS=TOKENS)


@pytest.mark.parametrize("secret", [ANNA, BEN])
@pytest.mark.parametrize("base", ["", BASE])
def test_a_token_that_may_read_has_an_address_of_its_own_in_the_spelling_of_the_request(closed, secret, base):
    answered = closed.get(base + ADDRESS, headers=bearer(secret))
    assert answered.json == {"path": base + address(secret)}
    assert answered.headers["Cache-Control"] == "no-store"
    assert closed.get(answered.json["path"]).status_code == 200


@pytest.mark.parametrize("base", ["", BASE])
def test_without_tokens_the_path_has_none_and_opens_the_calendar(client, base):
    answered = client.get(base + ADDRESS)
    assert answered.json == {"path": base + CALENDAR}
    assert answered.headers["Cache-Control"] == "no-store"
    assert client.get(answered.json["path"]).status_code == 200


@pytest.mark.parametrize("written", ["sha256={}", "SHA256={}:read"])
def test_a_token_that_is_written_as_its_hash_has_the_same_address(client, configured, written):
    closed = configured(API_TOKENS=f"anna:{written.format(sha256(ANNA.encode()).hexdigest())}")
    assert closed.get(ADDRESS, headers=bearer(ANNA)).json == {"path": address(ANNA)}
    assert closed.get(address(ANNA)).status_code == 200


def test_an_address_shows_the_calendar_as_a_feed_token_does_and_opens_nothing_else(closed):
    shown = closed.get(address(ANNA))
    assert "SUMMARY:ada paused" in shown.text and REASON not in shown.text
    assert closed.get(f"{address(ANNA)}&reasons=true").status_code == 403
    assert set(closed.options(address(ANNA)).headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    for path in (MENTORS, ADDRESS, "/api/v1/pause-records"):
        assert closed.get(f"{path}?token={calendar_token(ANNA)}").status_code == 401
        assert closed.get(path, headers=bearer(calendar_token(ANNA))).status_code == 401
    assert closed.get(CALENDAR, headers=bearer(calendar_token(ANNA))).status_code == 401


@pytest.mark.parametrize(
    "token",
    [
        calendar_token(MATCHING),
        calendar_token(OTHER),
        calendar_token(calendar_token(ANNA)),
        calendar_token(ANNA).upper(),
        sha256(ANNA.encode()).hexdigest(),
        ANNA,
    ],
)
def test_no_other_token_opens_the_calendar_in_its_address(closed, token):
    assert closed.get(f"{CALENDAR}?token={token}").status_code == 401


def test_an_address_ends_with_its_token_and_no_other_one_does(closed, configured):
    assert closed.get(address(ANNA)).status_code == closed.get(address(BEN)).status_code == 200
    renewed = configured(API_TOKENS=TOKENS.replace(ANNA, OTHER))
    assert [renewed.get(address(each)).status_code for each in (ANNA, OTHER, BEN)] == [401, 200, 200]


def test_an_address_ends_when_the_file_of_the_tokens_is_read_again(app, client, configured, tmp_path, monkeypatch):
    now, file = [1000.0], tmp_path / "tokens"
    monkeypatch.setattr(auth.time, "monotonic", lambda: now[0])
    file.write_text(f"anna:{ANNA}")
    closed = configured(API_TOKENS_FILE=str(file))
    settings = dataclasses.replace(app.config["SETTINGS"], api_tokens=())
    monkeypatch.setitem(app.config, "TOKEN_FILE", auth.TokenFile(settings))
    assert closed.get(ADDRESS, headers=bearer(ANNA)).json == {"path": address(ANNA)}
    assert [closed.get(address(each)).status_code for each in (ANNA, OTHER)] == [200, 401]
    file.write_text(f"anna:{OTHER}")
    now[0] += 1
    assert [closed.get(address(each)).status_code for each in (ANNA, OTHER)] == [401, 200]


# --- the log


def log_of(client, lines, path, secret=None):
    """Return the end of the one line that a request leaves in the log: what follows its id."""
    lines.clear()
    client.get(path, headers={"X-Request-ID": "abc"} | (bearer(secret) if secret else {}))
    (line,) = lines
    return line.partition("request_id=abc")[2]


def test_a_line_of_the_log_names_the_token_of_its_request_and_its_role(closed, lines):
    assert log_of(closed, lines, MENTORS, ANNA) == " by=anna"
    assert log_of(closed, lines, ADDRESS, ANNA) == " by=anna"
    assert log_of(closed, lines, MENTORS, BEN) == " by=ben role=read"
    assert log_of(closed, lines, ADDRESS, MATCHING) == " by=matching role=status"  # a 403
    assert log_of(closed, lines, address(ANNA)) == " by=anna role=feed"
    assert log_of(closed, lines, address(BEN)) == " by=ben role=feed"


def test_a_line_of_the_log_names_nobody_if_the_token_is_unknown_or_not_asked_for(closed, lines):
    assert log_of(closed, lines, MENTORS, OTHER) == ""
    assert log_of(closed, lines, address(OTHER)) == ""
    assert log_of(closed, lines, "/", ANNA) == ""


def test_without_tokens_the_log_names_nobody(client, lines):
    assert log_of(client, lines, MENTORS, ANNA) == ""
    assert log_of(client, lines, address(ANNA)) == ""


def test_the_log_as_json_has_the_same_fields(closed, lines, monkeypatch):
    monkeypatch.setitem(logs.config, "format", logs.as_json)
    closed.get(address(ANNA))
    closed.get(MENTORS, headers=bearer(ANNA))
    fields = [{name: each.get(name) for name in ("by", "role")} for each in map(json.loads, lines)]
    assert fields == [{"by": "anna", "role": "feed"}, {"by": "anna", "role": None}]


def test_neither_a_token_nor_an_address_is_in_the_log(closed, lines):
    closed.get(ADDRESS, headers=bearer(ANNA))
    closed.get(address(ANNA))
    for secret in (ANNA, calendar_token(ANNA), sha256(ANNA.encode()).hexdigest()):
        assert secret not in "".join(lines)
