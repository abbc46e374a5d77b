"""The history of everybody: who changed what, of all mentors, newest first."""

import random
from itertools import product
from operator import itemgetter

import pytest

from db import db
from models import EVENTS, HistoryEntry
from tests.support.lists import read_all, read_by_key

MENTORS, HISTORY = "/api/v1/mentor-statuses", "/api/v1/history"
NAMES = ["ada", "bea", "cleo", "dora"]
WRITERS = ["coordinator-007", " coordinator-007", "", "Ünïcode, and a comma", None]


def test_the_entries_of_all_mentors_come_newest_first_each_as_in_the_mentors_own_history(client, clock):
    for second, (name, paused) in enumerate(product(NAMES, (False, True)), 10):
        clock.at = f"2026-03-26T08:30:{second}Z"
        if paused:
            client.put(f"{MENTORS}/{name}", json={"status": "paused", "metadata": {"initiated_by": "joe"}})
        else:
            client.post(MENTORS, json={"mentor_id": name})
    client.delete(f"{MENTORS}/ada")
    answer = client.get(HISTORY)
    assert answer.headers["Cache-Control"] == "no-store"
    assert list(answer.json) == ["data", "pagination", "purged_before"]
    assert answer.json["pagination"] == {"limit": 20, "next": None}
    entries = answer.json["data"]
    assert [entry["event"] for entry in entries] == ["deleted", *["pause_opened", "created"] * len(NAMES)]
    for name in NAMES:
        path = f"{MENTORS}/{name}/history"
        own = client.get(path).json["data"]
        assert read_all(client, path, {}, limit=2) == read_by_key(client, path, {}, limit=2) == own
        shown = [entry for entry in entries if entry["mentor_id"] == name]
        assert {list(entry)[1] for entry in shown} == {"mentor_id"}
        without_ids = [{key: entry[key] for key in entry if key != "mentor_id"} for entry in shown]
        assert [list(entry.items()) for entry in without_ids] == [list(entry.items()) for entry in own]


@pytest.fixture
def entries(client):
    """Write 400 random entries, whose instants are not in the order of their ids; return them, the newest id first."""
    draw = random.Random(21)
    rows = [
        {
            "mentor_id": draw.choice(NAMES),
            "changed_at": f"2026-0{draw.randint(1, 3)}-{draw.randint(1, 28):02}T00:00:0{draw.randint(0, 1)}Z",
            "event": draw.choice(EVENTS),
            "changed_by": draw.choice(WRITERS),
            "pause_records": "[]",
        }
        for _ in range(400)
    ]
    with db.connection_context():
        HistoryEntry.insert_many(rows).execute()
    return rows[::-1]


CHOICES = {
    "mentor_id": [None, "bea,dora,nobody,bea", "nobody"],
    "event": [None, "created"],
    "changed_by": [None, "coordinator-007", "Ünïcode, and a comma", "coordinator-00"],
    "since": [None, "2026-03-03T00:00:01Z"],
    "until": [None, "2026-03-03T00:00:01Z", "2026-03-20"],
}


def matches(row, query):
    """Say whether an entry is one that the query asks for."""
    return (
        row["mentor_id"] in query.get("mentor_id", row["mentor_id"]).split(",")
        and query.get("event", row["event"]) == row["event"]
        and query.get("changed_by", row["changed_by"]) == row["changed_by"]
        and query.get("since", "") <= row["changed_at"]
        and row["changed_at"] < query.get("until", "9")
    )


shown = itemgetter("mentor_id", "changed_at", "event", "changed_by")


def test_each_combination_of_filters_finds_just_the_entries_that_it_names_in_pages_of_any_size(client, entries):
    seen = 0
    for number, values in enumerate(product(*CHOICES.values())):
        query = {name: value for name, value in zip(CHOICES, values, strict=True) if value is not None}
        if query.get("since", "") >= query.get("until", "9"):
            continue
        expected = [row for row in entries if matches(row, query)]
        found = read_by_key(client, HISTORY, query, limit=(20, 7, 100)[number % 3])
        assert [shown(entry) for entry in found] == [shown(row) for row in expected], query
        seen += len(expected)
    assert seen > 1000


def test_the_key_of_a_page_is_the_id_of_its_last_entry(client, entries):
    first = client.get(f"{HISTORY}?limit=1").json
    assert first["pagination"] == {"limit": 1, "next": "400"}
    assert client.get(f"{HISTORY}?after=1").json["data"] == []
    assert len(client.get(f"{HISTORY}?limit=100&after={10**18 - 1}").json["data"]) == 100


def test_a_walk_goes_on_where_it_was_if_the_entry_that_it_stands_at_is_erased(client):
    for name in NAMES:
        client.post(MENTORS, json={"mentor_id": name})
    first = client.get(f"{HISTORY}?limit=2").json
    assert [entry["mentor_id"] for entry in first["data"]] == ["dora", "cleo"]
    client.delete(f"{MENTORS}/cleo?erase=true")
    rest = client.get(f"{HISTORY}?limit=2&after={first['pagination']['next']}").json["data"]
    assert [entry["mentor_id"] for entry in rest] == ["bea", "ada"]


def test_the_link_to_the_next_page_keeps_the_filters(client, entries):
    page = client.get(f"{HISTORY}?event=created&limit=5")
    links = dict(reversed(link[1:].split(">; rel=")) for link in page.headers["Link"].split(", "))
    assert links.keys() == {'"first"', '"next"'}
    assert client.get(links['"next"']).json["data"] == read_by_key(client, HISTORY, {"event": "created"})[5:10]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("after", value) for value in ("x", "0", "01", "-1", "1-1", "1.0", 10**18)),
        ("event", ""),
        ("mentor_id", ""),
        ("mentor_id", ",".join(f"m{number}" for number in range(101))),
        ("since", "2026-02-30"),
        ("until", "2026-02-30"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_by_its_name(client, name, value):
    answer = client.get(HISTORY, query_string={name: value})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [name])
