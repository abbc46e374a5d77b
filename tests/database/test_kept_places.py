"""Pages far down the list of all mentors begin at places that are kept, and have the right rows whoever writes."""

import random
from contextlib import closing

import pytest

from benchmarks import data
from db import db, kept_places
from tests.database.test_kept_counts import ADA, connect_to, kept

MENTORS = "/api/v1/mentor-statuses"
COUNT = 1500
DEEP = 52  # a page, of 20, that is read from a kept place


@pytest.fixture
def many(client):
    data.fill(COUNT)
    return client


@pytest.fixture
def other(app):
    """Return a function that runs a statement on a connection that the service knows nothing of."""
    with closing(connect_to(app.config["SETTINGS"])) as connection:
        yield connection.execute


def ids(client, page, **query):
    answer = client.get(MENTORS, query_string={"page": page, **query}).json
    return [mentor["mentor_id"] for mentor in answer["data"]]


def every_id(client):
    return ids(client, 1, limit=1000) + ids(client, 2, limit=1000)


def move_the_kept_places():
    places = kept()["mentors"].keys
    places.update(dict.fromkeys(places, "mentor-0000001"))


@pytest.mark.parametrize("page", [DEEP, DEEP + 1])
def test_a_deep_page_begins_at_the_place_that_an_earlier_one_has_left(many, page):
    ids(many, DEEP)
    move_the_kept_places()
    begins = "mentor-0000001" if page == DEEP else "mentor-0000002"  # after the last row of the page before
    assert ids(many, page)[0] == begins


@pytest.mark.parametrize(
    "query", [{"sort": "-mentor_id"}, {"updated_since": "1970-01-02"}, {"status": "active"}], ids=str
)
def test_a_deep_page_in_another_order_or_with_a_filter_begins_at_no_kept_place(many, query):
    expected = ids(many, 1, limit=1000, **query) + ids(many, 2, limit=1000, **query)
    ids(many, DEEP)
    move_the_kept_places()
    assert ids(many, DEEP, **query) == expected[20 * (DEEP - 1) : 20 * DEEP] != []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM mentor_status WHERE mentor_id = 'mentor-0000003'",
        "DELETE FROM mentor_status WHERE mentor_id >= 'mentor-0001021'",
        ADA,
        ADA.replace("ada", "zoe"),
    ],
)
def test_after_a_write_past_the_service_deep_pages_have_the_right_rows(many, other, statement):
    pages = range(DEEP, DEEP + 4)
    for page in pages:
        ids(many, page)
    move_the_kept_places()
    other(statement)
    expected = every_id(many)
    for page in (*pages, *pages, *reversed(pages)):
        assert ids(many, page) == expected[20 * (page - 1) : 20 * page]


def test_a_transaction_sees_what_it_has_written_and_leaves_no_places(many):
    before = ids(many, DEEP)
    with db.connection_context(), db.atomic() as transaction:
        db.execute_sql(ADA)
        assert ids(many, DEEP) == every_id(many)[20 * (DEEP - 1) : 20 * DEEP] != before
        transaction.rollback()
    assert ids(many, DEEP) == before


def test_deep_pages_in_any_order_and_of_any_size_have_the_right_rows_while_others_write(many, other):
    choose = random.Random(5)
    for turn in range(60):
        if turn % 6 == 0:
            other(ADA.replace("ada", f"mentor-{choose.randrange(COUNT):07}-{turn}"))
            expected = every_id(many)
        limit = choose.choice([7, 20, 20, 100])
        page = choose.randrange(1001 // limit + 2, COUNT // limit + 2)
        assert ids(many, page, limit=limit) == expected[limit * (page - 1) : limit * page]
    assert len(kept()["mentors"].keys) > 2


def test_only_so_many_places_are_kept(many, monkeypatch):
    monkeypatch.setattr(kept_places, "PLACES", 5)
    for page in range(DEEP, DEEP + 20):
        assert len(ids(many, page)) == 20
        assert len(kept()["mentors"].keys) <= 6
