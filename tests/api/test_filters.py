"""Both lists, their filters, orders and keyset pages, against a model in plain Python, at any instant."""

from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import db
from models import MentorStatus, PauseRecord
from tests.conftest import empty_tables
from tests.support.tables import download

MENTORS = ("A", "B", "a", "b~", "b1")
REASONS = ("x", "y", None)
DAYS = st.integers(1, 6)  # few, so that many dates meet
LAST_DAY = 31
COUNT = 12


def date(day):
    return day and f"2026-03-{day:02}T00:00:00Z"


@st.composite
def records(draw):
    """Draw pause records with dates in order, and no two with the same mentor, start and reason."""
    drawn, seen = [], set()
    for _ in range(draw(st.integers(4, COUNT))):
        mentor, start, reason = draw(st.sampled_from(MENTORS)), draw(DAYS), draw(st.sampled_from(REASONS))
        later = st.none() | st.integers(start, 6)
        if (mentor, start, reason) not in seen:
            seen.add((mentor, start, reason))
            drawn.append(
                SimpleNamespace(mentor=mentor, start=start, expected=draw(later), end=draw(later), reason=reason)
            )
    return [SimpleNamespace(id=number, **vars(record)) for number, record in enumerate(drawn, 1)]


@st.composite
def queries(draw, filters):
    """Draw a query of at most two filters (of more, most find nothing), an instant and a reading of open pauses."""
    names = draw(st.sets(st.sampled_from(sorted(filters)), max_size=2))
    chosen = {name: draw(filters[name]) for name in sorted(names)} | {"as_of": date(draw(DAYS))}
    return chosen | ({"expected": "true"} if draw(st.booleans()) else {})


class Reading:
    """What the dates of a record say at a day, by the words of the design."""

    def __init__(self, query):
        self.at, self.expected = int(query["as_of"][8:10]), "expected" in query

    def end(self, r):
        return r.expected if self.expected and r.end is None else r.end

    def ended(self, r):
        return self.end(r) is not None and (self.end(r) <= self.at or self.end(r) == r.start)

    def in_force(self, r):
        return r.start <= self.at and not self.ended(r)

    def phase(self, r):
        if self.ended(r):
            return {"ended"}
        if r.start > self.at:
            return {"scheduled"}
        if r.end is not None:
            return {"current"}
        if r.expected is None:
            return {"current", "undated"}
        return {"current", "overdue"} if r.expected < self.at else {"current"}

    def expected_return(self, r):
        return r.end if r.end is not None else r.expected

    def shown(self, mine):
        force = [r for r in mine if self.in_force(r)]
        coming = [r for r in mine if r.start > self.at and not self.ended(r)]
        next_start = min((r.start for r in coming), default=None)
        candidates = force or [r for r in coming if r.start == next_start]
        return max(candidates, key=lambda r: (self.expected_return(r) or LAST_DAY, r.id), default=None)


def day(text):
    return int(text[8:10])


RECORD_FILTERS = {
    "mentor_id": st.lists(st.sampled_from(MENTORS), min_size=1, max_size=3).map(",".join),
    "mentor_id_contains": st.sampled_from(["a", "B", "b", "B1", "~", "_", "x"]),
    "is_active": st.sampled_from(["true", "false"]),
    "reason": st.sampled_from(["x", "y"]),
    "phase": st.sampled_from(["scheduled", "current", "overdue", "undated", "ended"]),
    "from": st.integers(1, 3).map(date),
    "to": st.integers(4, 6).map(date),
    "due_within_days": st.integers(0, 4),
    "sort": st.sampled_from(
        [
            s + n
            for s in ("", "-")
            for n in ("pause_record_id", "start_date", "expected_return_date", "end_date", "created_at")
        ]
    ),
}


def keeps(name, value, r, reading):  # noqa: PLR0911 one line a filter
    """Say whether a filter keeps a record."""
    end = reading.end(r)
    match name:
        case "mentor_id":
            return r.mentor in value.split(",")
        case "mentor_id_contains":
            return value.lower() in r.mentor.lower()
        case "is_active":
            return reading.ended(r) == (value == "false")
        case "reason":
            return r.reason == value
        case "phase":
            return value in reading.phase(r)
        case "from":
            return end is None or (end > day(value) and end != r.start)
        case "to":
            return r.start < day(value) and end != r.start
        case "due_within_days":
            back = reading.expected_return(r)
            return not reading.ended(r) and back is not None and back <= reading.at + value
    return True


def in_order(rows, sort, key, columns):
    """Sort by a column, nulls last in either direction, ties by the ascending key."""
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    rows = sorted(rows, key=key)
    known = [row for row in rows if columns[name](row) is not None]
    return sorted(known, key=columns[name], reverse=descending) + [row for row in rows if columns[name](row) is None]


def fill(rows, updated):
    empty_tables()
    with db.connection_context():
        MentorStatus.insert_many(
            [{"mentor_id": m, "last_updated": date(d)} for m, d in zip(MENTORS, updated, strict=True)]
        ).execute()
        PauseRecord.insert_many(
            [
                {"mentor": r.mentor, "reason": r.reason, "start_date": date(r.start)}
                | {"expected_return_date": date(r.expected), "end_date": date(r.end)}
                | dict.fromkeys(("created_at", "last_changed"), date(10 - r.start))
                for r in rows
            ]
        ).execute()


def pages(client, path, query, limit):
    """Return every row that the pages of a list have, and its total, following next."""
    rows, url, total = [], path, None
    answer = client.get(path, query_string=query | {"limit": limit})
    while True:
        assert answer.status_code == 200, answer.text
        assert total in (None, answer.json["pagination"]["total"])
        total = answer.json["pagination"]["total"]
        rows += answer.json["data"]
        links = {part.split('rel="')[1][:-1]: part[1 : part.index(">")] for part in answer.headers["Link"].split(", ")}
        url = links.get("next")
        if url is None:
            return rows, total
        answer = client.get(url)


def read_keyset_pages(client, path, query, limit):
    rows, after = [], ""
    while after is not None:
        answer = client.get(path, query_string=query | {"limit": limit, "after": after}).json
        rows, after = rows + answer["data"], answer["pagination"]["next"]
    return rows


SETTINGS = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(rows=records(), query=queries(RECORD_FILTERS), limit=st.integers(1, 5))
def test_the_list_of_pause_records_agrees_with_the_model_at_any_instant(client, rows, query, limit):
    fill(rows, [1] * len(MENTORS))
    reading = Reading(query)
    expected = [r for r in rows if all(keeps(name, value, r, reading) for name, value in query.items())]
    columns = {
        "pause_record_id": lambda r: r.id,
        "start_date": lambda r: r.start,
        "expected_return_date": lambda r: r.expected,
        "end_date": lambda r: r.end,
        "created_at": lambda r: 10 - r.start,
    }
    expected = in_order(expected, query.get("sort", "pause_record_id"), lambda r: r.id, columns)
    got, total = pages(client, "/api/v1/pause-records", query, limit)
    assert [(g["pause_record_id"], g["is_active"], g["end_date"]) for g in got] == [
        (f"pause-rec-{r.id:04}", not reading.ended(r), date(r.end)) for r in expected
    ]
    assert total == len(expected)
    query.pop("sort", None)
    by_id = sorted(expected, key=lambda r: r.id)
    assert [g["pause_record_id"] for g in read_keyset_pages(client, "/api/v1/pause-records", query, limit)] == [
        f"pause-rec-{r.id:04}" for r in by_id
    ]
    for r in rows[:2]:
        one = client.get(
            f"/api/v1/pause-records/pause-rec-{r.id:04}",
            query_string={k: v for k, v in query.items() if k in ("as_of", "expected")},
        )
        assert one.json["is_active"] == (not reading.ended(r))


MENTOR_FILTERS = {
    "status": st.sampled_from(["active", "paused"]),
    "mentor_id": RECORD_FILTERS["mentor_id"],
    "mentor_id_contains": RECORD_FILTERS["mentor_id_contains"],
    "sort": st.sampled_from(["mentor_id", "-mentor_id", "last_updated", "-last_updated"]),
}


@SETTINGS
@given(
    rows=records(),
    query=queries(MENTOR_FILTERS),
    limit=st.integers(1, 5),
    updated=st.lists(DAYS, min_size=len(MENTORS), max_size=len(MENTORS)),
)
def test_the_list_of_mentors_agrees_with_the_model_at_any_instant(client, rows, query, limit, updated):
    fill(rows, updated)
    reading, written = Reading(query), dict(zip(MENTORS, updated, strict=True))
    mine = {m: [r for r in rows if r.mentor == m] for m in MENTORS}
    paused = {m: any(map(reading.in_force, mine[m])) for m in MENTORS}

    def kept(m):
        return (
            (query.get("status", "paused" if paused[m] else "active") == ("paused" if paused[m] else "active"))
            and m in query.get("mentor_id", m).split(",")
            and query.get("mentor_id_contains", "").lower() in m.lower()
        )

    columns = {"mentor_id": lambda m: m, "last_updated": written.get}
    expected = in_order(filter(kept, MENTORS), query.get("sort", "mentor_id"), lambda m: m, columns)
    got, total = pages(client, "/api/v1/mentor-statuses", query, limit)
    shown = [reading.shown(mine[m]) for m in expected]
    assert [(g["mentor_id"], g["is_paused"], g["pause_start_date"], g["expected_return_date"]) for g in got] == [
        (m, paused[m], s and date(s.start), s and date(reading.expected_return(s)))
        for m, s in zip(expected, shown, strict=True)
    ]
    assert total == len(expected)
    query.pop("sort", None)
    assert [g["mentor_id"] for g in read_keyset_pages(client, "/api/v1/mentor-statuses", query, limit)] == sorted(
        expected
    )
    one = client.get(
        "/api/v1/mentor-statuses/a", query_string={k: v for k, v in query.items() if k in ("as_of", "expected")}
    )
    assert (one.json["is_paused"], one.json["pause_reason"]) == (
        paused["a"],
        (s := reading.shown(mine["a"])) and s.reason,
    )


@pytest.mark.parametrize("path", ["mentor-statuses", "pause-records", "mentor-statuses/a/history"])
def test_the_links_of_a_list_come_in_the_spelling_of_the_request_with_its_filters(client, path):
    for number in range(5):
        client.post("/api/v1/mentor-statuses", json={"mentor_id": f"a{number}" if number else "a", "status": "paused"})
        client.put("/api/v1/mentor-statuses/a", json={"metadata": {"turn": number}})
    base = "/api/v1/mentor-statuses"
    full = f"{base}/api/v1/{path}"
    links = client.get(f"{full}?limit=2&page=2").headers["Link"]
    assert f'<{full}?limit=2&page=1>; rel="first"' in links
    assert f'<{full}?limit=2&page=1>; rel="prev"' in links
    assert f'<{full}?limit=2&page=3>; rel="next"' in links
    assert f'<{full}?limit=2&page=3>; rel="last"' in links
    past_the_end = client.get(f"/api/v1/{path}?limit=2&page=9")
    assert (past_the_end.status_code, past_the_end.json["data"]) == (200, [])
    assert f'<{"/api/v1/" + path}?limit=2&page=3>; rel="prev"' in past_the_end.headers["Link"]
    assert 'rel="next"' not in past_the_end.headers["Link"]


@pytest.mark.parametrize("path", ["mentor-statuses", "pause-records"])
def test_links_that_would_be_longer_than_8_kib_are_left_out(client, path):
    lengths = []
    for count in range(1, 101):
        ids = ",".join(f"{number:064}" for number in range(count))
        answer = client.get(f"/api/v1/{path}?mentor_id={ids}")
        assert (answer.status_code, answer.json["data"]) == (200, [])
        lengths.append(len(answer.headers.get("Link", "")))
    present = lengths[: lengths.index(0)]
    assert 8000 < max(present) <= 8192
    assert set(lengths[len(present) :]) == {0}


LOOKED_FOR = [
    ("mentor_1", ["Mentor_12", "mentor_1"]),
    ("R_", ["Mentor_12", "mentor_1"]),
    ("1", ["Mentor_12", "mentor-1", "mentor.1", "mentor_1"]),
    ("-1", ["mentor-1"]),
    (".1", ["mentor.1"]),
    ("@EXAMPLE.", ["i@example.org"]),
    ("m" * 64, ["M" * 64]),
    ("zz", []),
]


@pytest.mark.parametrize("path", ["mentor-statuses", "pause-records"])
@pytest.mark.parametrize(("part", "found"), LOOKED_FOR)
def test_a_part_of_an_id_is_found_wherever_it_is_in_whatever_case_and_no_character_stands_for_others(
    client, path, part, found
):
    for mentor_id in ("mentor-1", "mentor_1", "mentor.1", "Mentor_12", "i@example.org", "M" * 64):
        client.post("/api/v1/mentor-statuses", json={"mentor_id": mentor_id, "status": "paused"})
    rows, total = pages(client, f"/api/v1/{path}", {"mentor_id_contains": part, "as_of": date(30)}, 3)
    assert (sorted(row["mentor_id"] for row in rows), total) == (found, len(found))
    walked = read_keyset_pages(client, f"/api/v1/{path}", {"mentor_id_contains": part, "expected": "true"}, 3)
    assert sorted(row["mentor_id"] for row in walked) == found
    table = download(client, f"/api/v1/{path}", f"?mentor_id_contains={part}")
    assert sorted(row["mentor_id"] for row in table) == found


@pytest.mark.parametrize("path", ["mentor-statuses", "pause-records", "mentor-statuses.csv", "pause-records.csv"])
@pytest.mark.parametrize("part", ["", "%25", "a%20b", "%C4%B0", "a*", "a" * 65])
def test_a_text_that_is_in_no_id_is_refused(client, path, part):
    response = client.get(f"/api/v1/{path}?mentor_id_contains={part}")
    assert (response.status_code, list(response.json["errors"])) == (422, ["mentor_id_contains"])
    assert response.json["detail"].startswith("mentor_id_contains: It must be 1 to 64 of the characters that an id")


@pytest.fixture
def many(client):
    """Add 30 mentors, and return their ids, with commas between them; ten of them twice, and two that nobody has."""
    names = [f"m{number:02}" for number in range(30)]
    with db.connection_context():
        MentorStatus.insert_many([{"mentor_id": name, "last_updated": date(1)} for name in names]).execute()
    return ",".join([*names, *names[:10], "unknown", "M01"])


@pytest.mark.parametrize(
    ("query", "shown", "pagination"),
    [
        ("", 30, {"page": 1, "limit": 32, "total": 30}),
        ("&after=", 30, {"limit": 32, "next": None}),
        ("&after=m09", 20, {"limit": 32, "next": None}),
        ("&page=2", 0, {"page": 2, "limit": 32, "total": 30}),
        ("&status=active&sort=-mentor_id", 30, {"page": 1, "limit": 32, "total": 30}),
        ("&limit=20", 20, {"page": 1, "limit": 20, "total": 30}),
        ("&limit=20&after=", 20, {"limit": 20, "next": "m19"}),
    ],
)
def test_the_mentors_asked_for_by_id_are_all_on_one_page_unless_a_limit_is_sent(client, many, query, shown, pagination):
    answer = client.get(f"/api/v1/mentor-statuses?mentor_id={many}{query}")
    assert (len(answer.json["data"]), answer.json["pagination"]) == (shown, pagination)
    assert 'rel="next"' not in answer.headers["Link"] or "limit=20" in answer.headers["Link"]


@pytest.mark.parametrize(("path", "limit"), [("mentor-statuses?mentor_id=m01,m02", 20), ("mentor-statuses?", 20)])
def test_of_few_ids_and_of_none_the_limit_is_20(client, many, path, limit):
    assert client.get(f"/api/v1/{path}").json["pagination"]["limit"] == limit


def test_the_pauses_of_many_mentors_come_20_a_page(client, many):
    assert client.get(f"/api/v1/pause-records?mentor_id={many}").json["pagination"]["limit"] == 20


@pytest.mark.parametrize("path", ["mentor-statuses", "pause-records"])
@pytest.mark.parametrize(("query", "refused"), [("page=1", ["page"]), ("sort=mentor_id", ["sort"])])
def test_a_page_after_a_key_takes_neither_a_number_nor_an_order(client, path, query, refused):
    response = client.get(f"/api/v1/{path}?after=&{query}")
    assert (response.status_code, list(response.json["errors"])) == (422, refused)
