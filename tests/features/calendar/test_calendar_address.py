"""The calendar with a token in its address: what it opens, for how long, and who is named in the log.

The token is one of the role feed, or the one that GET calendar-address shows the holder of a token that may read.
"""

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
ANNA, BEN, CLEO, OTHER, MATCHING = "a" * 43, "b" * 43, "c" * 43, "o" * 43, "m" * 43
FEED, READ = "f" * 16, "r" * 16
TOKENS = f"anna:{ANNA},ben:{BEN}:read,cleo:{CLEO}:write,matching:{MATCHING}:status,everyone:{FEED}:feed"
TOKENS += f",dashboard:{READ}:read"
REASON = "a private illness"


def calendar_token(secret):
    """Return the token in the address of the holder of this secret."""
    return hmac.new(sha256(secret.encode()).digest(), b"calendar", sha256).hexdigest()


def address(secret):
    return f"{CALENDAR}?token={calendar_token(secret)}"


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def guarded_calendar(configured, pause):
    """Return a client of the app, which asks for tokens; mentor ada is paused."""
    pause(reason=REASON)
    return configured(API_TOKENS=TOKENS)


@pytest.mark.parametrize("base", ["", BASE])
def test_a_token_that_may_read_has_an_address_of_its_own_in_the_spelling_of_the_request(guarded_calendar, base):
    for secret in (ANNA, BEN, CLEO):
        answered = guarded_calendar.get(base + ADDRESS, headers=bearer(secret))
        assert (answered.json, answered.headers["Cache-Control"]) == ({"path": base + address(secret)}, "no-store")
        assert guarded_calendar.get(answered.json["path"]).status_code == 200


@pytest.mark.parametrize("base", ["", BASE])
def test_without_tokens_the_path_has_none_and_opens_the_calendar_and_one_is_ignored(client, base):
    answered = client.get(base + ADDRESS)
    assert (answered.json, answered.headers["Cache-Control"]) == ({"path": base + CALENDAR}, "no-store")
    for query in ("", f"?token={FEED}", "?token=&reasons=true"):
        assert client.get(answered.json["path"] + query).status_code == 200


@pytest.mark.parametrize("written", ["sha256={}", "SHA256={}:read"])
def test_a_token_that_is_written_as_its_hash_has_the_same_address(configured, written):
    client = configured(API_TOKENS=f"anna:{written.format(sha256(ANNA.encode()).hexdigest())}")
    assert client.get(ADDRESS, headers=bearer(ANNA)).json == {"path": address(ANNA)}
    assert client.get(address(ANNA)).status_code == 200


OF_ANNA = calendar_token(ANNA)


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        (f"?token={OF_ANNA}", {}, 200),
        (f"?token={OF_ANNA}&reasons=true", {}, 403),
        (f"?token={FEED}&reasons=true&nonsense=1", {}, 403),
        (f"?token={FEED}&reasons=false", {}, 403),
        (f"?token={FEED}&nonsense=1", {}, 422),
        (f"?token={FEED}&token={FEED}", {}, 401),
        (f"?token={FEED}&token=", {}, 401),
        (f"?token={FEED}", bearer(READ), 401),
        (f"?token={FEED}", {"Authorization": ""}, 401),
        (f"?Token={FEED}", {}, 401),
        (f"?token={FEED[:-1]}", {}, 401),
        ("?token=", {}, 401),
        ("?token=%FF", {}, 401),
        (f"?token={calendar_token(MATCHING)}", {}, 401),
        (f"?token={calendar_token(OTHER)}", {}, 401),
        (f"?token={calendar_token(OF_ANNA)}", {}, 401),
        (f"?token={OF_ANNA.upper()}", {}, 401),
        (f"?token={sha256(ANNA.encode()).hexdigest()}", {}, 401),
        ("", bearer(OF_ANNA), 401),
        ("?reasons=false", bearer(ANNA), 200),
    ],
)
def test_the_calendar_is_opened_by_one_good_token_in_its_address_and_shows_no_reasons(
    guarded_calendar, lines, query, headers, status
):
    answered = guarded_calendar.get(f"{CALENDAR}{query}", headers=headers)
    assert answered.status_code == status
    assert ("SUMMARY:ada paused" in answered.text) == (status == 200)
    told = answered.text + str(answered.headers) + "".join(lines)
    assert not [secret for secret in (REASON, FEED, READ, ANNA, OF_ANNA) if secret in told]


@pytest.mark.parametrize("token", [FEED, OF_ANNA])
def test_a_token_in_the_address_opens_nothing_else_and_its_answer_can_be_asked_for_again(guarded_calendar, token):
    opened = f"{CALENDAR}?token={token}"
    assert set(guarded_calendar.options(opened).headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert guarded_calendar.post(opened).status_code == 405
    known = {"If-None-Match": guarded_calendar.get(opened).headers["ETag"]}
    assert guarded_calendar.get(opened, headers=known).status_code == 304
    assert guarded_calendar.get(CALENDAR, headers=known).status_code == 401
    for path in (MENTORS, ADDRESS, "/api/v1/pause-records"):
        assert guarded_calendar.get(f"{path}?token={token}").status_code == 401


def test_an_address_ends_with_its_token_when_the_file_of_the_tokens_is_read_again_and_no_other_one_does(
    app, configured, seconds, tmp_path, monkeypatch
):
    file = tmp_path / "tokens"
    file.write_text(f"anna:{ANNA},ben:{BEN}:read")
    client = configured(API_TOKENS_FILE=str(file))
    settings = dataclasses.replace(app.config["SETTINGS"], api_tokens=())
    monkeypatch.setitem(app.config, "TOKEN_FILE", auth.TokenFile(settings))
    assert client.get(ADDRESS, headers=bearer(ANNA)).json == {"path": address(ANNA)}
    assert [client.get(address(each)).status_code for each in (ANNA, OTHER, BEN)] == [200, 401, 200]
    file.write_text(f"anna:{OTHER},ben:{BEN}:read")
    seconds[0] += 1
    assert [client.get(address(each)).status_code for each in (ANNA, OTHER, BEN)] == [401, 200, 200]


# --- the log


def log_of(client, lines, path, secret=None):
    """Return the end of the one line that a request leaves in the log: what follows its id."""
    lines.clear()
    client.get(path, headers={"X-Request-ID": "abc"} | (bearer(secret) if secret else {}))
    (line,) = lines
    return line.partition("request_id=abc")[2]


def test_a_line_of_the_log_names_the_token_of_its_request_and_its_role(guarded_calendar, lines):
    assert log_of(guarded_calendar, lines, MENTORS, ANNA) == " by=anna"
    assert log_of(guarded_calendar, lines, ADDRESS, ANNA) == " by=anna"
    assert log_of(guarded_calendar, lines, MENTORS, BEN) == " by=ben role=read"
    assert log_of(guarded_calendar, lines, ADDRESS, CLEO) == " by=cleo role=write"
    assert log_of(guarded_calendar, lines, ADDRESS, MATCHING) == " by=matching role=status"  # a 403
    assert log_of(guarded_calendar, lines, address(ANNA)) == " by=anna role=feed"
    assert log_of(guarded_calendar, lines, address(BEN)) == " by=ben role=feed"
    # It names nobody if the token is unknown or not asked for.
    assert log_of(guarded_calendar, lines, MENTORS, OTHER) == ""
    assert log_of(guarded_calendar, lines, address(OTHER)) == ""
    assert log_of(guarded_calendar, lines, "/", ANNA) == ""


def test_without_tokens_the_log_names_nobody(client, lines):
    assert log_of(client, lines, MENTORS, ANNA) == ""
    assert log_of(client, lines, address(ANNA)) == ""


def test_the_log_as_json_has_the_same_fields(guarded_calendar, lines, monkeypatch):
    monkeypatch.setitem(logs.config, "format", logs.as_json)
    guarded_calendar.get(address(ANNA))
    guarded_calendar.get(MENTORS, headers=bearer(ANNA))
    fields = [{name: each.get(name) for name in ("by", "role")} for each in map(json.loads, lines)]
    assert fields == [{"by": "anna", "role": "feed"}, {"by": "anna", "role": None}]
