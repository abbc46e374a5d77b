"""The token in the address of the calendar: it opens that path, as the role feed, and nothing else."""

import pytest

from openapi.description import describe
from tests.support.databases import ON_SQLITE

pytestmark = ON_SQLITE
MENTORS, CALENDAR = "/api/v1/mentor-statuses", "/api/v1/pause-records.ics"
FEED, OTHER_FEED, READ, ALL, STATUS = "f" * 16, "o" * 16, "r" * 16, "a" * 16, "s" * 16
TOKENS = f"everyone:{FEED}:feed,others:{OTHER_FEED}:feed,dashboard:{READ}:read,ada:{ALL},matching:{STATUS}:status"
REASON = "a private illness"


@pytest.fixture
def closed(client, configured):
    """Return a client of the app, which asks for tokens; mentor ada is paused."""
    sent = {"mentor_id": "ada", "status": "paused", "pause_reason": REASON}
    assert client.post(MENTORS, json=sent).status_code == 201
    return configured(API_TOKENS=TOKENS)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        (
            "?token=nobody",
            "The address needs a token of the role feed that the service knows, or the one that "
            "GET /api/v1/calendar-address shows; send it once, as ?token=TOKEN, and no header Authorization.",
        ),
        ("", "This request needs a token that the service knows; send the header Authorization: Bearer TOKEN."),
    ],
)
def test_a_refusal_says_where_the_token_goes(closed, query, detail):
    assert closed.get(f"{CALENDAR}{query}").json["detail"] == detail


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        (f"?token={FEED}", {}, 200),
        (f"?token={OTHER_FEED}", {}, 200),
        (f"?token={FEED}&reasons=true", {}, 403),
        (f"?token={FEED}&reasons=false", {}, 403),
        (f"?token={FEED}&reasons=true&nonsense=1", {}, 403),
        (f"?token={FEED}&nonsense=1", {}, 422),
        (f"?token={FEED}&token={FEED}", {}, 401),
        (f"?token={FEED}&token=", {}, 401),
        ("?token=", {}, 401),
        (f"?token={FEED[:-1]}", {}, 401),
        ("?token=%FF", {}, 401),
        (f"?token={READ}", {}, 401),
        (f"?token={ALL}", {}, 401),
        (f"?token={STATUS}", {}, 401),
        (f"?token={FEED}", bearer(READ), 401),
        (f"?token={FEED}", {"Authorization": ""}, 401),
        (f"?Token={FEED}", {}, 401),
        ("", {}, 401),
        ("", bearer(FEED), 403),
        ("", bearer(STATUS), 403),
        ("", bearer(READ), 200),
        ("?reasons=false", bearer(ALL), 200),
    ],
)
def test_the_calendar_is_opened_by_a_feed_token_in_its_address_or_by_one_that_reads(
    closed, lines, query, headers, status
):
    answered = closed.get(f"{CALENDAR}{query}", headers=headers)
    assert answered.status_code == status
    assert REASON not in answered.text
    for secret in (FEED, OTHER_FEED, READ, ALL, STATUS):
        assert secret not in answered.text + str(answered.headers) + "".join(lines)


def test_options_with_a_feed_token_allows_to_read_the_calendar(closed):
    assert set(closed.options(f"{CALENDAR}?token={FEED}").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert closed.options(CALENDAR, headers=bearer(FEED)).headers["Allow"] == "OPTIONS"
    assert closed.post(f"{CALENDAR}?token={FEED}").status_code == 405


def test_a_feed_token_gets_a_304_while_nothing_has_changed(closed):
    etag = closed.get(f"{CALENDAR}?token={FEED}").headers["ETag"]
    assert closed.get(f"{CALENDAR}?token={FEED}", headers={"If-None-Match": etag}).status_code == 304
    assert closed.get(CALENDAR, headers={"If-None-Match": etag}).status_code == 401


def test_a_token_in_the_address_is_ignored_while_there_are_no_tokens(client):
    assert client.get(f"{CALENDAR}?token={FEED}").status_code == 200
    assert client.get(f"{CALENDAR}?token=&reasons=true").status_code == 200


def test_the_description_has_the_token_of_the_calendar_as_an_api_key_where_there_are_tokens(app, closed):
    description = describe(app)
    schemes = description["components"]["securitySchemes"]
    assert schemes["feed"] == {"type": "apiKey", "in": "query", "name": "token"}
    using = [
        path for path, item in description["paths"].items() if {"feed": []} in item.get("get", {}).get("security", [])
    ]
    assert using == [CALENDAR]
