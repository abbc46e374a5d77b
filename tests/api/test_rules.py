"""The rules of writing (docs/rules.md): whatever is written, the service does what a small model does.

Each script goes through single requests and through tables. What was done is sent again, what GET returned is put back,
and all is taken back and done again. The first day is 10 March 2026. The literal examples hold the model itself.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import engine

from tests.conftest import empty_tables
from tests.support.databases import ON_SQLITE
from tests.support.scripts import Script
from tests.support.tables import MENTORS, RECORDS

REQUESTS, TABLES = False, True  # how the writes of a script are sent
WAYS = pytest.mark.parametrize(
    ("app", "in_tables"),
    [("sqlite", REQUESTS), ("sqlite", TABLES), ("postgres", REQUESTS)],
    ids=["sqlite-requests", "sqlite-tables", "postgres-requests"],
    indirect=["app"],
    scope="session",  # else each test would have an app of its own
)
SCRIPTS = {
    1: """
POST ada; POST bob active; POST cleo start=null back=null why=null; POST dan start=12 why=illness; DAY 12
POST ada paused; POST bob paused start=8 why=illness; POST cleo paused start=12; POST dan active start=12; DAY 12
POST ada start=8; POST ada active start=10; POST ada why=illness; POST ada active why=illness back=20
POST ada by=ann; POST ada; POST ada start=8
""",
    2: """
PUT ada active; POST ada; PUT ada paused; DAY 20; PUT ada active
POST ada paused start=8 why=illness; PUT ada paused start=8 back=20; PUT ada start=8 why=family
POST ada paused start=8 why=illness; PUT ada paused start=10 why=illness; PUT 2 ended
POST ada paused start=8 why=illness back=12; PUT ada back=20; PUT ada paused why=null start=null; PUT ada back=null
POST ada; PUT ada paused start=12; DAY 11; DAY 12; PUT ada start=null by=ann
POST ada start=12 why=illness back=20; PUT ada paused why=illness back=20; PUT ada active
POST ada; PUT ada paused why=illness back=12; PUT ada active; PUT ada paused why=illness; PUT ada active
POST ada paused start=8 why=illness; RECORD ada start=8 why=family; PUT ada why=illness; \
PUT ada active start=8 why=null
POST ada paused start=8 why=illness; PUT ada paused start=10 why=family; PUT ada paused start=12; PUT ada active
POST ada paused start=8 why=illness; PUT ada active start=12 why=illness
POST ada; PUT ada start=8; PUT ada active start=10; PUT ada why=new; PUT ada active back=20 why=new; PUT ada why=null
POST ada paused start=8 why=illness; PUT ada active why=new; PUT ada active start=10; PUT ada back=7
POST ada paused start=8 why=illness; PUT ada active start=12 back=10; PUT ada active start=8 why=new back=14
POST ada paused start=8 why=illness back=20; PUT ada active start=8 why=null
POST ada paused start=8 why=illness back=20; PUT ada active start=8 back=null why=illness
POST ada paused start=8 why=illness back=20; PUT ada active back=null why=null
POST ada paused start=8 why=illness back=20; PUT ada active back=20 why=illness
POST ada; PUT ada by=ann; DAY 12; PUT ada by=bob; PUT ada paused by=bob; PUT ada by=bob; PUT ada
POST ada paused start=8 back=9; PUT ada paused; PUT ada active
POST ada start=12 why=illness; PUT ada active; DAY 12; PUT ada active
POST ada start=12 why=illness; PUT ada why=family back=14; PUT ada active why=family; PUT ada active why=new
POST ada start=12 why=illness; PUT ada active start=12 back=14; PUT ada active start=8; PUT ada start=8; \
PUT ada why=null
POST ada paused start=8 back=20 why=illness; RECORD ada start=12 why=operation; PUT ada active start=8 back=20; \
DAY 11; PUT ada active start=8 back=20 why=illness
POST ada paused start=8 why=illness; RECORD ada start=12 why=operation; PUT 2 ended; PUT ada active start=8; DAY 20; \
PUT ada active start=8 why=illness
POST ada; RECORD ada start=8 end=11 why=illness; RECORD ada start=12 end=14 back=16 why=family; DAY 13; DAY 15; \
PUT ada active start=12 back=14 why=family; PUT ada active start=12 back=16; PUT ada active start=8 back=11
POST ada paused start=8 why=illness; PUT 1 end=14; PUT ada active
POST ada paused start=8 why=illness back=14; PUT ada active; PUT ada active why=illness back=null
POST ada paused start=8 back=20 why=illness; RECORD ada start=12 why=operation; PUT ada active; \
PUT ada active why=family; PUT ada active back=12; PUT ada active start=10; PUT ada active start=8 why=family; \
PUT ada active start=8 why=null; PUT ada active start=8
POST ada paused why=illness; PUT ada active why=illness; PUT ada active why=illness; DAY 20; PUT ada active why=illness
POST ada; RECORD ada start=12 why=operation; DAY 12; PUT ada active start=12 why=operation; DAY 20; \
PUT ada active start=12 why=operation
POST ada paused start=8 why=illness; RECORD ada start=12 why=operation; PUT 2 ended; \
RECORD ada start=3 end=4 why=leave; PUT ada active; DAY 20; PUT ada active start=12 why=operation; \
PUT ada active start=3 why=leave
POST ada paused start=8 why=illness; RECORD ada start=9 why=family; PUT ada active; \
PUT ada active start=8 why=illness; PUT ada active start=9 why=family; PUT ada active why=other
POST ada; RECORD ada start=8 back=20 why=first; RECORD ada start=8 back=12 why=second; PUT ada back=12; PUT ada back=11
POST ada; RECORD ada start=8 back=12 end=20 why=first; RECORD ada start=8 back=16 why=second; PUT ada back=20
POST ada; RECORD ada start=8 why=first; RECORD ada start=8 back=20 why=second; PUT ada start=8 back=14; PUT ada active
POST ada; RECORD ada start=8 back=12 why=first; RECORD ada start=8 back=9 why=second; PUT ada back=9
POST ada; RECORD ada start=11 back=20 why=first; RECORD ada start=11 back=12 why=second; PUT ada back=11; \
PUT ada start=11 back=11; RECORD ada start=12 why=third; PUT ada back=12; PUT ada back=13
POST ada; RECORD ada start=8 back=20 why=first; RECORD ada start=8 end=20 why=second; PUT ada paused start=9 back=12
POST ada; RECORD ada start=8 end=20 why=first; RECORD ada start=8 end=12 why=second; PUT ada why=second back=12
POST ada paused start=8; PUT 1 end=14; PUT ada back=14; PUT ada back=16; PUT ada back=null; PUT ada why=illness
""",
    3: """
POST ada; RECORD ada start=7 why=one end=9; RECORD ada start=7 why=two end=9 ended; \
RECORD ada start=8 why=three end=8; RECORD ada start=12 why=four end=12; RECORD ada start=12 why=five; \
RECORD ada start=8 why=six end=20; RECORD ada start=8 why=seven end=20 ended; RECORD ada start=8 why=eight by=ann; \
DAY 20
RECORD ada start=8 why=illness; POST ada; RECORD ada start=8 why=illness ended; \
RECORD ada start=8 why=illness end=7; RECORD ada start=8 why=illness active end=9; \
RECORD ada start=8 why=illness active end=10; RECORD ada start=8 why=illness active end=8; \
RECORD ada start=12 why=illness active end=12; RECORD ada start=8 why=illness back=7; \
RECORD ada start=8 why=illness back=7 ended
POST ada; RECORD ada start=8 why=illness back=20; DAY 12; RECORD ada start=8 why=illness; \
RECORD ada start=8 why=illness back=20; RECORD ada start=8 why=illness back=null end=null active by=ann; \
RECORD ada start=8 why=illness back=14; RECORD ada start=8 why=illness back=20 end=20
POST ada; RECORD ada start=8 why=illness end=8; RECORD ada start=8 why=illness end=8 active
POST ada; RECORD ada start=8 why=illness end=12 active; DAY 20; RECORD ada start=8 why=illness end=12 active
POST ada; PUT ada paused start=8 why=illness; RECORD ada start=8 why=illness; RECORD ada start=8 why=odd
POST ada; RECORD ada start=8 why=illness; PUT 1 ended; RECORD ada start=8 why=illness active; \
RECORD ada start=8 why=illness; RECORD ada start=8 why=illness end=10 ended; PUT 1 active; \
RECORD ada start=8 why=illness active
POST ada; RECORD ada start=12 why=illness; PUT 1 ended; RECORD ada start=12 why=illness active; \
RECORD ada start=12 why=illness; DAY 14; RECORD ada start=12 why=illness active back=null
POST ada; RECORD ada start=8 end=12 why=illness active; RECORD ada start=8 why=illness active; DAY 12; \
RECORD ada start=8 why=illness active; RECORD ada start=8 end=12 why=illness active; RECORD ada start=8 why=illness
""",
    4: """
PUT 1 ended; POST ada; RECORD ada start=8 why=illness back=12; PUT 1 back=20 why=family; PUT 1 start=9 why=null
POST ada; RECORD ada start=12 why=illness; PUT 1 ended; PUT 1 start=8; PUT 1 start=14 ended; PUT 1 start=16 active
POST ada; RECORD ada start=8 end=14 why=illness; PUT 1 start=16 end=20; PUT 1 active end=20 start=20; DAY 20
POST ada; RECORD ada start=8 why=illness; RECORD ada start=8 why=family; PUT 2 why=illness; \
PUT 2 why=illness active end=9; PUT 2 active end=9; PUT 2 active end=10; PUT 2 start=9 end=9 active; PUT 2 start=9; \
PUT 1 start=9 why=family
POST ada paused why=illness; PUT 1 by=ann; PUT ada by=ann; RECORD ada start=12 why=family; PUT 2 by=ann; \
PUT 1 by=ann; PUT 2 by=ann; PUT 1 by=bob
POST ada; RECORD ada start=8 end=11 why=illness; DAY 11; PUT 1 active; DAY 12; PUT ada active
""",
    5: """
POST ada; RECORD ada start=8 why=illness; DAY 12; DELETE 1 by=ann; DELETE 1; PUT 1; RECORD ada start=8 why=illness; \
PUT 2
POST ada paused start=8; RECORD ada start=9 why=odd; DELETE 1; DELETE 2 by=bob
""",
    6: """
DELETE ada; ERASE ada; POST ada paused why=illness; DELETE ada by=ann; DELETE ada; POST ada; ERASE ada; ERASE ada
POST ada paused why=illness; ERASE ada; ERASE ada; POST ada
POST ada paused start=8; RECORD ada start=3 end=4 why=leave; RECORD ada start=12 why=odd; DELETE ada; PUT 1; ERASE ada
""",
    7: """
POST ada paused back=8; POST ada paused start=12 back=11; POST ada paused start=8; PUT ada back=7; \
PUT ada start=14 back=12
POST ada; RECORD ada start=8 why=illness back=7; RECORD ada start=8 why=illness end=7; \
RECORD ada start=8 why=illness back=12; PUT 1 start=14; PUT 1 back=7; PUT 1 end=7; PUT 1 back=7 end=7; PUT 1 start=9
""",
    8: """
POST ada paused; PUT 1 back=14; PUT 1 back=15 by=bob; UNDO 2; DELETE 1; UNDO 2
POST ada paused; PUT 1 back=14; PUT 1 back=15; PUT 1 back=14; UNDO 2 by=ann
POST ada paused start=8 why=illness; RECORD ada start=8 why=family; PUT ada active; DELETE 2; UNDO 3
POST ada paused; PUT 1 back=14; DELETE ada; UNDO 2; POST ada; UNDO 2 by=ann; UNDO 3
POST ada; RECORD ada start=8 why=illness; UNDO 1; UNDO 2 by=ann; UNDO 1
POST ada paused; PUT 1 back=14; PUT 1 back=15; PUT 1 back=16; UNDO 2 4
POST ada paused; PUT 1 back=14; PUT 1 back=15; PUT 1 back=14; PUT 1 back=15; UNDO 3 4; UNDO 4
POST ada paused; PUT 1 back=14; PUT 1 back=15; PUT 1 back=16; PUT 1 back=15; UNDO 3 5
POST ada paused; PUT 1 back=14; PUT 1 back=15; PUT 1 back=14; PUT 1 back=15; UNDO 3 5
POST ada paused; PUT 1 back=14; PUT 1 back=15; PUT 1 back=14; PUT 1 back=15; POST eve; PUT eve paused; \
PUT eve active; UNDO 3 4 7
POST ada paused; PUT 1 back=14; UNDO 2; UNDO 3; UNDO 3; UNDO 2; DAY 12; UNDO 1
POST ada paused start=8 why=illness; PUT 1 why=family; RECORD ada start=8 why=illness; UNDO 2
POST ada paused; PUT ada active; UNDO 99 2 47; UNDO 2 2
POST ada; DELETE ada; ERASE ada; UNDO 1 2; POST ada paused; PUT 1 back=14; DELETE ada; UNDO 4
POST ada paused; POST eve; PUT eve paused; DELETE ada; ERASE ada; UNDO 3 1
POST ada paused start=8 why=leave; RECORD ada start=8 why=medical; PUT 1 why=odd; PUT 2 why=leave; \
PUT 1 why=medical; UNDO 4 3 5; UNDO 6 7 8
POST ada paused; PUT 1 back=11; PUT 1 back=12; PUT 1 back=13; PUT 1 back=14; UNDO 4 2 3 5; UNDO 8 7 9 6
POST ada paused start=8 why=a; RECORD ada start=8 why=b; PUT 2 why=c; PUT 1 why=b; UNDO 3 4; UNDO 5 6
POST ada paused; PUT 1 back=14; UNDO 2; UNDO 2 3
POST ada; PUT ada paused; PUT ada by=ann; UNDO 2 3
POST ada; RECORD ada start=8 why=illness; RECORD ada start=9 why=family; DELETE 2; UNDO 2 3
POST ada paused; DELETE ada; POST ada; UNDO 2 3; UNDO 5
POST ada; PUT ada by=ann; UNDO 2; DELETE ada; UNDO 2
POST ada; RECORD ada start=12 why=illness; DELETE 1; UNDO 2 3
POST ada paused start=8 why=a; RECORD ada start=8 why=b; PUT 2 back=14; PUT 1 back=14; UNDO 3; UNDO 4; UNDO 6; \
UNDO 4; UNDO 3 4 7 8
POST ada start=12 why=illness; PUT 1 ended; DAY 12; UNDO 2; PUT ada active; DAY 14; PUT ada active why=illness
""",
}
# If-Match and If-None-Match, and which of several errors is told; nobody takes these back.
CONDITIONS = """
POST ada paused start=8 why=illness; PUT ada active stale; PUT ada stale; PUT ada by=ann stale; \
PUT ada why=illness stale
POST ada paused start=8 why=illness; PUT ada active why=new stale; PUT ada start=8 back=7 stale; PUT 1 end=7 stale
POST ada paused start=8 why=illness; PUT 1 ended stale; PUT 1 stale; PUT 1 by=ann stale; PUT 2 stale; PUT eve stale
POST ada paused start=8 why=illness; DELETE 1 stale; DELETE ada stale; ERASE ada stale; DELETE eve stale; \
DELETE 2 stale
POST ada paused; PUT ada absent; PUT ada by=ann absent; PUT 1 absent; DELETE 1 absent; DELETE ada absent; \
ERASE ada absent
POST ada; PUT eve absent; PUT 9 absent; DELETE eve absent; ERASE eve absent; DELETE ada; DELETE ada absent; \
ERASE ada stale; ERASE ada absent; ERASE ada absent
POST ada paused start=8 why=illness; RECORD ada start=9 why=family; POST ada paused start=12 back=11; \
POST ada start=8; RECORD ada start=8 why=illness back=7; RECORD ada start=8 why=illness active end=8; \
RECORD ada start=8 why=illness active end=9; PUT 2 start=8 why=illness stale; PUT 2 start=8 why=illness active end=9
POST ada; PUT eve start=12 back=11; PUT eve start=8; PUT 9 start=12 back=11; PUT 9 start=12 end=12 active; \
PUT 9 start=8 why=illness
"""


def lines(text, *marks):
    return [pytest.param(line, marks=marks) for line in text.strip().split("\n")]


OF_RULES = [line for rule, text in SCRIPTS.items() for line in lines(text, getattr(pytest.mark, f"rule{rule}"))]


@WAYS
@pytest.mark.parametrize("script", OF_RULES + lines(CONDITIONS))
def test_a_script_does_what_the_model_does(client, clock, script, in_tables):
    run = Script(client, clock, in_tables)
    run.run(script)
    run.put_back()
    if "UNDO" not in script:
        run.take_all_back()


ENDS = [
    f"{end} {flag}"
    for end in ("", "end=null", "end=7", "end=9", "end=10", "end=12", "end=20")
    for flag in ("", "active", "ended")
]


@ON_SQLITE
@pytest.mark.rule4
@pytest.mark.parametrize("in_tables", [REQUESTS, TABLES], ids=["requests", "tables"])
@pytest.mark.parametrize("recorded", ["start=8", "start=8 end=14", "start=8 end=9", "start=12", "start=12 end=12"])
@pytest.mark.parametrize("start", ["", "start=9", "start=14"])
def test_every_end_and_flag_makes_of_a_pause_what_the_model_does(client, clock, recorded, start, in_tables):
    records = [f"RECORD ada {recorded} why=r{number}; PUT {number} {start} {end}" for number, end in enumerate(ENDS, 1)]
    Script(client, clock, in_tables).run("; ".join(["POST ada", *records]))


# --- random scripts


def maybe(name, *values):
    """Return texts: none, or a name with one of the values."""
    return st.just("") | st.sampled_from(values).map(f"{name}={{}}".format)


def step(*parts):
    """Return steps: each part is a word, or a strategy of words."""
    drawn = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*drawn).map(lambda words: " ".join(filter(None, words)))


DAYS, REASONS = (8, 9, 10, 11, 12, 14), ("illness", "family", "odd")
MENTOR, PAUSE = st.sampled_from(("ada", "ada", "grace")), st.integers(1, 5).map(str)
ENTRIES = st.lists(st.integers(1, 15).map(str), min_size=1, max_size=4).map(" ".join)
START, BACK, END = maybe("start", *DAYS), maybe("back", "null", *DAYS), maybe("end", "null", *DAYS)
WHY, BY = maybe("why", "null", *REASONS), maybe("by", "ann", "bob")
OF_MENTOR = st.sampled_from(("", "paused", "active")), START, BACK, WHY
OF_RECORD = BACK, END, st.sampled_from(("", "active", "ended")), BY
NEW = st.sampled_from(DAYS).map("start={}".format), st.sampled_from(REASONS).map("why={}".format)
CONDITION = st.sampled_from(("", "", "", "", "stale", "absent"))
STEPS = st.one_of(
    step("DAY", st.sampled_from(("10", "11", "12", "13"))),
    step("POST", MENTOR, *OF_MENTOR, BY),
    step("PUT", MENTOR, *OF_MENTOR, BY, CONDITION),
    step("PUT", MENTOR, *OF_MENTOR),
    step("RECORD", MENTOR, *NEW, *OF_RECORD),
    step("PUT", PAUSE, START, WHY, *OF_RECORD, CONDITION),
    step(st.sampled_from(("DELETE", "ERASE")), MENTOR, CONDITION),
    step("DELETE", PAUSE, BY, CONDITION),
    step("UNDO", ENTRIES, BY),
)


@pytest.mark.parametrize("in_tables", [REQUESTS, TABLES], ids=["requests", "tables"])
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=1, max_size=15))
def test_any_script_does_what_the_model_does(client, clock, monkeypatch, steps, in_tables):
    monkeypatch.setattr(engine, "MAX_SHRINKING_SECONDS", 30)  # instead of 300; Hypothesis has no setting for it
    empty_tables()
    run = Script(client, clock, in_tables)
    run.run("; ".join(["POST ada", *steps]))
    run.put_back()
    if not any("UNDO" in each for each in steps):
        run.take_all_back()


CHAINS = st.lists(
    st.one_of(
        step("PUT", st.sampled_from("12"), maybe("back", 14, 15)),
        step("UNDO", st.sampled_from("3456")),
        step("UNDO", st.sampled_from("3456789")),
    ),
    min_size=20,
    max_size=30,
)


@ON_SQLITE
@pytest.mark.rule8
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=CHAINS, left_out=st.sets(st.integers(1, 20), max_size=6))
def test_after_undos_of_undos_a_request_sent_twice_writes_nothing_the_second_time(client, clock, steps, left_out):
    empty_tables()
    run = Script(client, clock)
    run.run("; ".join(["POST ada paused start=8; RECORD ada start=9 why=odd", *steps]))
    numbers = [entry.number for entry in run.model.entries if entry.number not in left_out]
    run.undo(numbers, {})


# --- literal examples, which hold the model: a script | what GET shows of ada | the end of each pause | the events

EXAMPLES = """
POST ada | active - - - | none | created
POST ada paused start=8 why=illness | paused 8 - illness | - | created
POST ada start=12 back=14 | active 12 14 - | - | created
POST ada start=12; DAY 12 | paused 12 - - | - | created
POST ada; PUT ada paused; DAY 12; PUT ada active | active - - - | 12 | created pause_opened pause_ended
POST ada paused start=8; PUT ada back=14 why=illness | paused 8 14 illness | - | created pause_updated
POST ada paused start=8; PUT ada paused start=9 | paused 9 - - | - - | created pause_opened
POST ada paused start=8 back=12; PUT ada start=9 back=11 | paused 8 12 - | - - | created pause_opened
POST ada paused start=8; PUT ada active start=12 | active 12 - - | 10 - | created updated
POST ada start=12; PUT ada paused; PUT ada active | active 12 - - | - 10 | created pause_opened pause_ended
POST ada paused why=a; PUT ada active; PUT ada paused why=a | paused 10 - a | - | created pause_ended pause_reopened
POST ada paused start=8 back=9; DAY 14 | paused 8 9 - | - | created
POST ada paused start=8 why=a; PUT ada active start=8 why=null | active - - - | 10 | created pause_ended
POST ada paused; PUT ada by=ann; PUT ada by=ann | paused 10 - - | - | created updated
POST ada; RECORD ada start=8 why=a end=12; DAY 12 | active - - - | 12 | created pause_opened
POST ada; RECORD ada start=8 why=a; RECORD ada start=8 why=a | paused 8 - a | - | created pause_opened
POST ada; RECORD ada start=8 why=a; PUT 1 ended | active - - - | 10 | created pause_opened pause_ended
POST ada; RECORD ada start=12 why=a; PUT 1 ended | active - - - | 12 | created pause_opened pause_ended
POST ada; RECORD ada start=8 why=a; PUT 1 ended end=14 | paused 8 14 a | 14 | created pause_opened pause_updated
POST ada; RECORD ada start=8 why=a end=9; PUT 1 active | paused 8 - a | - | created pause_opened pause_reopened
POST ada paused start=8; PUT 1 end=14; PUT ada active | active - - - | 10 | created pause_updated pause_ended
POST ada paused; DELETE 1 | active - - - | none | created pause_deleted
POST ada paused; DELETE ada; POST ada | active - - - | none | created deleted created
POST ada paused; PUT 1 back=14; UNDO 2 | paused 10 - - | - | created pause_updated pause_updated
POST ada paused; DELETE ada; UNDO 2 | paused 10 - - | - | created deleted created
POST ada paused; PUT ada active; UNDO 2; UNDO 3 | active - - - | 10 | created pause_ended pause_reopened pause_ended
"""


@ON_SQLITE
@pytest.mark.parametrize("example", lines(EXAMPLES))
def test_an_example_does_what_is_written_beside_it(client, clock, example):
    script, *expected = example.split(" | ")
    Script(client, clock).run(script)
    mentor = client.get(f"{MENTORS}/ada").json
    start, back = day_of(mentor["pause_start_date"]), day_of(mentor["expected_return_date"])
    ends = [day_of(record["end_date"]) for record in client.get(RECORDS).json["data"]]
    events = [entry["event"] for entry in reversed(client.get(f"{MENTORS}/ada/history").json["data"])]
    shown = f"{mentor['status']} {start} {back} {mentor['pause_reason'] or '-'}"
    assert [shown, " ".join(ends) or "none", " ".join(events)] == expected


def day_of(instant):
    """Return the day of an instant in March 2026; a dash for none."""
    return instant[8:10].lstrip("0") if instant else "-"


def test_a_pause_that_began_earlier_today_ends_now_and_is_not_called_off(client, clock):  # a script knows whole days
    paused = {"mentor_id": "ada", "status": "paused", "pause_start_date": "2026-03-26T06:00:00Z"}
    client.post(MENTORS, json=paused)
    client.put(f"{MENTORS}/ada", json={"status": "active"})
    [record] = client.get(RECORDS).json["data"]
    assert (record["start_date"], record["end_date"]) == ("2026-03-26T06:00:00Z", clock.at)
