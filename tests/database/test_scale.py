"""Long lists: no read looks at a whole table, and keyset pages miss nothing while others write."""

import pytest

from benchmarks import data
from db import db
from tests.support.days import LONG_AGO

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
HISTORY = "/api/v1/history"
COUNT = 3000
ONE_ROW = ("installation", "pg_database")  # or as few as there are databases
# What is asked many times a second, or finds few of very many rows. Other filters and orders read all pause records.
READS = [
    MENTORS,
    f"{MENTORS}?page=100",
    f"{MENTORS}?after=mentor-0001000",
    f"{MENTORS}?after=mentor-0001000&status=paused",
    f"{MENTORS}?status=paused&as_of={LONG_AGO}",
    f"{MENTORS}?mentor_id=mentor-0000005,mentor-0000006&status=active",
    f"{MENTORS}/mentor-0000005",
    f"{MENTORS}/mentor-0000005?expected=true",
    f"{MENTORS}/mentor-0000005/history",
    f"{MENTORS}/mentor-0000005/history?after=",
    HISTORY,
    f"{HISTORY}?mentor_id=mentor-0000005,mentor-0000006&event=deleted&changed_by=joe",
    f"{HISTORY}?event=deleted&changed_by=joe",
    RECORDS,
    f"{RECORDS}?after=pause-rec-0100",
    f"{RECORDS}?mentor_id=mentor-0000005",
    f"{RECORDS}?phase=scheduled",
    f"{RECORDS}?phase=overdue",
    f"{RECORDS}?phase=undated",
    f"{RECORDS}?from=2025-03-01&to=2025-03-03&phase=current",
    f"{RECORDS}?due_within_days=14",
    f"{RECORDS}/pause-rec-0001",
]
# Read in the order of the key until the page is full. If a filter finds little, SQLite reads 40,000 records for that,
# which takes 10 ms.
IN_ORDER = {read for read in READS if read in (MENTORS, f"{MENTORS}?page=100", RECORDS)}
IN_ORDER |= {read for read in READS if "status=" in read or (read.startswith(f"{RECORDS}?") and "after=" not in read)}


@pytest.fixture
def many_mentors(client):
    data.fill(COUNT)
    return client


@pytest.fixture(params=["as it comes", "analyzed"])
def statistics(request, many_mentors):
    """Have the test once as the database comes, and once after ANALYZE, which an operator may run at any time.

    On Postgres both are the same: autovacuum analyzes.
    """
    if request.param == "as it comes" or db.dialect.name == "postgres":
        yield
        return
    change_schema("ANALYZE")
    yield
    change_schema("DROP TABLE sqlite_stat1")
    change_schema("DROP TABLE IF EXISTS sqlite_stat4")


def change_schema(sql):
    with db.connection_context():
        db.execute_sql(sql)
    db.close_all()  # a connection reads the statistics when it is opened


def statements_of(client, path):
    """Return all statements that a read runs: their SQL and values."""
    asked, execute = [], db.obj.execute_sql

    def execute_sql(sql, values=None):
        asked.append((sql, values))
        return execute(sql, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.obj, "execute_sql", execute_sql)
        assert client.get(path).status_code == 200
    assert asked, path
    return asked


def plan_of(sql, params):
    """Return the lines of the plan; Postgres is kept from a scan that is merely cheaper on a small table."""
    with db.connection_context(), db.atomic():
        if db.dialect.name == "postgres":
            db.execute_sql("SET LOCAL enable_seqscan = off")
            return [line for (line,) in db.execute_sql(f"EXPLAIN {sql}", params).fetchall()]
        return [line for *_, line in db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()]


def looks_at_a_whole_table(line, in_order, sql):
    if db.dialect.name == "postgres":
        return "Seq Scan" in line and not any(name in line for name in ONE_ROW)
    if line == "SCAN t1" and 'FROM "installation" AS "t1"' in sql:
        return False
    if line.startswith("BLOOM FILTER"):  # made of the whole table
        return True
    small = ("CONSTANT", "json_each", "now", "pragma_data_version")
    results = ("matching", "page", "packed", "paused")
    return line.startswith("SCAN") and line.split()[1] not in (*small, *results) and not in_order


@pytest.mark.parametrize(
    ("query", "search"),
    [
        ("", "INTEGER PRIMARY KEY (rowid<?)"),
        ("event=deleted&changed_by=joe&since=2025-03-01&until=2025-03-02", "INTEGER PRIMARY KEY (rowid<?)"),
        ("mentor_id=mentor-0000005", "INDEX history_entry_mentor (mentor_id=? AND id<?)"),
        ("mentor_id=mentor-0000005,mentor-0000006&event=deleted", "INDEX history_entry_mentor (mentor_id=? AND id<?)"),
    ],
)
def test_the_history_of_everybody_is_read_by_key_and_that_of_some_mentors_by_their_index(
    many_mentors, statistics, query, search
):
    plan = plan_of(*statements_of(many_mentors, f"{HISTORY}?{query}")[0])
    if db.dialect.name == "postgres":  # which may sort the few entries of a mentor, and does so among so few
        assert [line for line in plan if "Seq Scan" in line] == []
    else:
        assert [line for line in plan if "SEARCH" in line] == [f"SEARCH t1 USING {search}"]


def test_no_read_that_is_asked_often_or_finds_little_looks_at_a_whole_table(many_mentors, statistics):
    scans = []
    for read in READS:
        for sql, values in statements_of(many_mentors, read):
            plan = plan_of(sql, values)
            scans += [(read, line) for line in plan if looks_at_a_whole_table(line, read in IN_ORDER, sql)]
    assert scans == []


@pytest.mark.parametrize(("page", "limit"), [(100, 20), (150, 20), (151, 20), (4, 999)])
def test_a_deep_page_has_the_rows_that_come_after_those_of_all_pages_before(many_mentors, page, limit):
    answer = many_mentors.get(MENTORS, query_string={"page": page, "limit": limit}).json
    numbers = range(limit * (page - 1) + 1, min(limit * page, COUNT) + 1)
    assert [each["mentor_id"] for each in answer["data"]] == [f"mentor-{number:07}" for number in numbers]
    assert answer["pagination"]["total"] == COUNT


@pytest.mark.parametrize(
    ("path", "key", "count"), [(MENTORS, "mentor_id", COUNT), (RECORDS, "pause_record_id", COUNT * 2 // 5)]
)
def test_keyset_pages_deliver_every_row_once_whatever_is_written_between_them(many_mentors, path, key, count):
    ids = [many_mentors.get(f"{path}?limit=1000&page={page}").json["data"] for page in range(1, count // 1000 + 2)]
    seen, after = [], ""
    while after is not None:
        answer = many_mentors.get(path, query_string={"after": after, "limit": 400}).json
        seen += [row[key] for row in answer["data"]]
        after = answer["pagination"]["next"]
        for number in (0, COUNT // 2, COUNT):  # before the key, about it, and behind it
            name = f"mentor-{number:07}-{len(seen)}"
            assert many_mentors.post(MENTORS, json={"mentor_id": name, "status": "paused"}).status_code == 201
            if number:
                assert many_mentors.delete(f"{MENTORS}/{name}").status_code == 200
    old = [row[key] for page in ids for row in page]
    assert (len(old), [each for each in seen if each in set(old)]) == (count, old)
    assert len(seen) == len(set(seen))
