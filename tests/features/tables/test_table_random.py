"""Random data goes down and up in every form, edited or not; and nothing that is sent as a table makes a 500."""

import re
from datetime import UTC, datetime, timedelta
from operator import itemgetter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from features.tables.columns import protect, unprotect
from tests.conftest import TABLES, empty_tables
from tests.support.tables import MENTORS, RECORDS, read_lines, table_of, upload

FORMS = {"": ",", "?excel=comma": ",", "?excel=semicolon": ";"}
KEYS = {MENTORS: "mentor_id", RECORDS: "pause_record_id"}
READ_ONLY = {"mentor_id", "pause_record_id", "etag", "last_updated", "created_at"}
DOWNLOADED = datetime(2026, 3, 26, 8, 30, tzinfo=UTC)
LATER = st.just(0) | st.integers(1, 40)  # days: in them, the pauses of April begin and end
# A failing example is not made smaller, which takes minutes; it is printed as it was found.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


def examples(count):
    return settings(max_examples=count, phases=PHASES, deadline=None, suppress_health_check=list(HealthCheck))


# --- values, and a few of them, of which many lines are about the same pause

NAMES, FEW_NAMES = ("ada", "bob", "0042", "1E5", "a@b.example"), ("ada", "bob")
DAYS = st.integers(1, 28).map("2026-03-{:02}T00:00:00Z".format) | st.integers(1, 28).map("2026-04-{:02}".format)
FEW_DAYS = st.sampled_from(["2026-03-01T00:00:00Z", "2026-03-20", "2026-04-01", "2026-04-10"])
# Shorter than what no problem may tell (tests/support/secrecy.py): a name of ours may be drawn, too.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=5)
REASONS = st.sampled_from(["illness", "=1+1", "'tis", "'=", "-", '"', ";", "a,b", "père 💤"]) | TEXT
FEW_REASONS = st.sampled_from(["illness", "leave"])
EMPTY = st.just("")


def pauses_of(names, days, reasons):
    """Return bodies of pause records."""
    required = {"mentor_id": st.sampled_from(names), "start_date": days, "reason": reasons}
    return st.fixed_dictionaries(required, optional={"expected_return_date": days, "end_date": days})


def edits_of(path, days, reasons, **more):
    """Return cells to edit in a line, by column."""
    dates = {"expected_return_date": EMPTY | days}
    if path == MENTORS:
        status = st.sampled_from(["active", "paused", ""])
        columns = {"status": status, "pause_start_date": EMPTY | days, "pause_reason": EMPTY | reasons}
    else:
        columns = {"start_date": days, "end_date": EMPTY | days, "reason": EMPTY | reasons}
    return st.fixed_dictionaries({}, optional=dates | columns | more)


def build(client, pauses):
    """Fill the empty tables: five mentors, and those of the pauses that the rules allow."""
    empty_tables()
    for name in NAMES:
        client.post(MENTORS, json={"mentor_id": name})
    for pause in pauses:
        client.post(RECORDS, json=pause)


def state(rows):
    """Return every row of every table, mentor by mentor, without the numbers, which may have gaps."""
    found = [sorted(rows(table), key=itemgetter("mentor_id")) for table in TABLES]
    return [
        [{name: value for name, value in row.items() if name not in ("id", "pause_record_id")} for row in table]
        for table in found
    ]


def later(days):
    """Return the instant so many days after the download."""
    return f"{DOWNLOADED + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def is_edit(line, cells):
    """Say whether cells, once read, are others than those of a line that was downloaded; an empty status is none."""
    return any(
        meaning(name, cell) != meaning(name, unprotect(line[name]))
        for name, cell in cells.items()
        if name != "status" or cell
    )


def misses_the_pause_shown(line, edited):
    """Say whether the line of a mentor shows a pause, and an edit of it would not do what it says."""
    if not line.get("pause_start_date"):
        return False
    start = edited["pause_start_date"]
    keeps_start = meaning("pause_start_date", start) == meaning("pause_start_date", line["pause_start_date"])
    if line["status"] == "paused":
        return bool(start) and not keeps_start
    pauses = edited["status"] == "paused"
    return pauses if keeps_start else bool(start) or not pauses


def meaning(name, cell):
    """Return the text or the instant that a cell stands for."""
    is_day = name.endswith("_date") and len(cell) == len("2026-04-01")
    return f"{cell}T00:00:00Z" if is_day else cell.strip()


def do_as_puts(client, rows, path, edited):
    """Send the lines whose cells are edited as PUT; return whether an upload of them should be accepted.

    A line whose ETag is not the current one must change nothing.
    """
    is_accepted = True
    for line, cells in edited:
        sent = line | {name: protect(cell) for name, cell in cells.items()}
        if is_edit(line, cells):
            is_current = client.get(f"{path}/{line[KEYS[path]]}").headers["ETag"] == line["etag"]
            before = state(rows)
            is_accepted &= put(client, path, sent) == 200 and (is_current or state(rows) == before)
            is_accepted &= not (is_current and misses_the_pause_shown(line, sent))
    return is_accepted


def put(client, path, line):
    """Send a line as PUT; return the status."""
    body = {name: unprotect(cell).strip() or None for name, cell in line.items() if name not in READ_ONLY}
    if body.get("status", "") is None:
        del body["status"]
    return client.put(f"{path}/{line[KEYS[path]]}", json=body).status_code


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@examples(15)
@given(data=st.data(), form=st.sampled_from(sorted(FORMS)), days=LATER)
def test_edited_cells_do_what_put_does_and_nothing_if_the_clock_has_changed_it(
    client, clock, rows, path, data, form, days
):
    pauses = data.draw(st.lists(pauses_of(NAMES, DAYS, REASONS), min_size=1, max_size=6))
    clock.at = later(0)
    build(client, pauses)
    lines = read_lines(client.get(f"{path}.csv{form}").data, FORMS[form])
    if not lines:
        return
    edits = edits_of(path, DAYS, REASONS)
    edited = [(line, data.draw(edits | st.just({}))) for line in lines]  # pairs of a line and the cells to edit
    sent = [line | {name: protect(cell) for name, cell in cells.items()} for line, cells in edited]
    clock.at = later(days)
    before = state(rows)
    response = upload(client, path, table_of(sent, FORMS[form]))
    uploaded = state(rows)
    clock.at = later(0)
    build(client, pauses)
    clock.at = later(days)
    if do_as_puts(client, rows, path, edited):
        assert response.status_code == 200, response.text
        assert uploaded == state(rows)
    else:
        assert (response.status_code, uploaded) == (422, before)


# --- what lines do to each other

FEW_PAUSES = pauses_of(FEW_NAMES, FEW_DAYS, FEW_REASONS)
ETAG = st.sampled_from(["", "*", '"0"'])
FLAG = st.sampled_from(["true", "false", ""])
FEW_EDITS = {
    MENTORS: edits_of(MENTORS, FEW_DAYS, FEW_REASONS, etag=ETAG),
    RECORDS: edits_of(RECORDS, FEW_DAYS, FEW_REASONS, etag=ETAG, is_active=FLAG),
}
NEW_MENTORS = st.builds(
    lambda mentor_id, cells: cells | {"mentor_id": mentor_id, "etag": ""},
    st.sampled_from(["eve", "fay"]),
    FEW_EDITS[MENTORS],
)
NEW_LINES = {
    MENTORS: st.lists(NEW_MENTORS, max_size=2, unique_by=itemgetter("mentor_id")),
    RECORDS: st.lists(FEW_PAUSES, max_size=4),
}
MAY_BE_MISSING = {
    MENTORS: ["status", "pause_start_date", "expected_return_date", "pause_reason", "last_updated", "etag"],
    RECORDS: ["expected_return_date", "end_date", "is_active", "created_at", "etag"],
}


def draw_crowded_table(data, client, path):
    """Fill the tables, and draw the lines of an upload: edited ones and new ones, all with the same columns."""
    build(client, data.draw(st.lists(FEW_PAUSES, min_size=1, max_size=6)))
    edited = [line | data.draw(FEW_EDITS[path]) for line in read_lines(client.get(f"{path}.csv").data)]
    lines = data.draw(st.permutations(edited + data.draw(NEW_LINES[path])))
    columns = {name for line in lines for name in line} - data.draw(st.sets(st.sampled_from(MAY_BE_MISSING[path])))
    return [{name: line.get(name, "") for name in sorted(columns)} for line in lines]


def without_refused_lines(client, path, lines):
    """Return the lines that a dry run does not refuse."""
    errors = upload(client, path, lines, "?dry_run=true").json.get("errors", {})
    refused = {int(re.match(r"line (\d+)", place)[1]) for place in errors}
    return [line for number, line in enumerate(lines, 2) if number not in refused]


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@examples(25)
@given(data=st.data())
def test_an_upload_that_was_accepted_is_all_unchanged_when_it_is_sent_again(client, clock, rows, path, data):
    clock.at = later(0)
    lines = draw_crowded_table(data, client, path)
    lines = [line for line in without_refused_lines(client, path, lines) if any(line.values())]
    if not lines:
        return
    assert upload(client, path, lines).status_code == 200
    clock.at = "2026-03-26T08:31:00Z"
    uploaded = state(rows)
    response = upload(client, path, lines)
    assert response.status_code == 200, response.text
    assert {line["outcome"] for line in response.json["data"]} <= {"unchanged"}
    assert state(rows) == uploaded


# --- what is hardly a table

CELLS = st.sampled_from(
    ["", "ada", "bob", "paused", "active", "2026-03-01", "=1", "'", '"', '""', "pause-rec-0001", "TRUE"]
)
COLUMNS = st.sampled_from(
    ["mentor_id", "is_paused", "notes", "pause_record_id", "start_date", *MAY_BE_MISSING[MENTORS]]
)
ROWS = st.lists(CELLS | st.text(max_size=8), max_size=4).map(",".join)
NEARLY_TABLES = st.tuples(st.lists(COLUMNS, max_size=4).map(",".join), st.lists(ROWS, max_size=4)).map(
    lambda parts: "\n".join([parts[0], *parts[1], ""]).encode("utf-8", "surrogatepass")
)


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@examples(30)
@given(table=NEARLY_TABLES | st.binary(max_size=60), marked=st.booleans(), dry_run=st.booleans())
def test_nothing_that_is_sent_as_a_table_makes_a_500_or_a_partial_write(client, rows, path, table, marked, dry_run):
    build(client, [{"mentor_id": "ada", "start_date": "2026-03-01", "reason": "illness"}])
    before = state(rows)
    table = b"\xef\xbb\xbf" * marked + table
    response = upload(client, path, table, f"?dry_run={str(dry_run).lower()}")
    assert response.status_code in (200, 400, 422)
    if response.status_code != 200 or dry_run:
        assert state(rows) == before
