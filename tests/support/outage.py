"""What the service promises while its database is away, and once it is back: 503 meanwhile, and then no error."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.support.load import MENTORS, Load, lost

ENOUGH = 100  # writes
LONGEST = 10  # seconds for which a request may be held
SETTLED = 10  # seconds from the end of a fault until no request fails any more


def assert_is_unavailable(response, problem):
    """Assert that an answer is a 503 that says to come again."""
    assert (response.status, problem["code"]) == (503, "unavailable")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert int(response.headers["Retry-After"]) > 0


def assert_unavailable(server):
    """Assert that whatever needs the database is a 503 that says to come again, and that /livez is a 200."""
    sent = {"mentor_id": "grace", "status": "active", "is_paused": False}
    asked = [("GET", "/readyz"), ("GET", f"{MENTORS}/ada"), ("POST", MENTORS, sent), ("DELETE", f"{MENTORS}/ada")]
    with ThreadPoolExecutor(len(asked)) as clients:
        answers = [clients.submit(server.request, *request, timeout=LONGEST) for request in asked]
        assert server.request("GET", "/livez", timeout=5)[0].status == 200
        for answer in answers:
            assert_is_unavailable(*answer.result())


def assert_goes_down(server, load):
    """Assert that what is under way succeeds or is a 503, and that every request from then on is a 503."""
    load.wait_for_answers()
    assert load.statuses() <= {200, 201, 503}
    load.forget()
    assert_unavailable(server)
    load.wait_for_answers()
    assert load.statuses() == {503}


def assert_503_within_ten_seconds(load):
    """Assert that writes are a 503 and no request took longer; a success may have been on its way to each writer."""
    assert load.statuses() <= {200, 201, 503}
    assert 503 in load.statuses("POST")
    assert load.outcomes["POST", 201] <= load.writers
    assert load.slowest < LONGEST


def assert_recovers(load):
    """Assert that before long every request succeeds; before that, a request succeeds or is a 503."""
    mended = time.monotonic()
    load.wait_for(load.writers + 1)  # so many answers may have been on their way before
    load.wait_for_answers()
    while load.statuses() != {200, 201}:
        assert load.statuses() <= {200, 201, 503}
        assert time.monotonic() < mended + SETTLED
        load.forget()
        load.wait_for(ENOUGH)
        load.wait_for_answers()


def assert_survives(server, begin, mend, **clients):
    """Assert that an outage, from `begin()` to `mend()`, is a 503 for every client, and that nothing is lost by it."""
    with Load(server, **clients) as load:
        load.wait_for(ENOUGH)
        begin()
        assert_goes_down(server, load)
        mend()
        assert_recovers(load)
    assert_nothing_is_lost(server, load)


def assert_nothing_is_lost(server, load):
    assert not lost(server, load.acknowledged)
