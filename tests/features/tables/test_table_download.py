"""GET of both lists as a table (CSV): its columns, its form, its instant, and all rows however many there are."""

import pytest
from marshmallow import fields

import schemas
from features.tables import download as tables
from features.tables.columns import protect, unprotect
from features.tables.rows import RowLoader
from mentors.fields import Text
from reads.answers import MentorStatusSchema
from reads.serializers import MENTOR_STATUS, Serializer
from tests.support.databases import ON_SQLITE
from tests.support.tables import MENTORS, RECORDS, download, outcomes, read_lines, upload


@pytest.fixture
def two_mentors(client, pause):
    """Add an active mentor, and one whose pause has begun."""
    client.post(MENTORS, json={"mentor_id": "grace"})
    pause(start_date="2026-03-01", expected_return_date="2026-05-01", reason="illness")


def as_cells(shown, midnight=""):
    """Return how a table shows what the API shows: no flags, dates for midnights, and empty cells for nulls."""
    texts = {key: value or "" for key, value in shown.items() if not isinstance(value, bool)}
    dates = {key: value.replace("T00:00:00Z", midnight) for key, value in texts.items() if key.endswith("_date")}
    return texts | dates


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.usefixtures("two_mentors")
def test_a_table_has_what_get_one_shows_but_the_flag_and_the_etag(client, path):
    lines = download(client, path)
    for line in lines:
        one = client.get(f"{path}/{next(iter(line.values()))}")
        assert list(line.items()) == list((as_cells(one.json) | {"etag": one.headers["ETag"]}).items())
    assert len(lines) == client.get(path).json["pagination"]["total"]


@ON_SQLITE
@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.parametrize(
    ("query", "day", "instant"),
    [
        ("", "2026-03-26", None),
        ("?expected=false", "2026-03-26", None),
        ("?as_of=2026-04-02T23:59:59Z", "as-of-2026-04-02", "2026-04-02T23:59:59Z"),
        ("?as_of=2026-03-26T08:30:00Z", "as-of-2026-03-26", "2026-03-26T08:30:00Z"),
        ("?expected=true", "as-of-2026-03-26-expected", "2026-03-26T08:30:00Z"),
        ("?as_of=2026-12-24&expected=true&excel=comma", "as-of-2026-12-24-expected", "2026-12-24T00:00:00Z"),
    ],
)
@pytest.mark.usefixtures("two_mentors")
def test_a_table_is_named_after_the_day_that_it_shows_and_has_that_instant_for_an_etag_if_it_is_another(
    client, path, query, day, instant
):
    response = client.get(f"{path}.csv{query}", headers={"If-None-Match": "*"})
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    name = f"{path.rpartition('/')[2]}-{day}.csv"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert (response.status_code, "ETag" in response.headers) == (200, False)
    rows = read_lines(response.data)
    assert response.data.count(b"\r\n") == response.data.count(b"\n") == len(rows) + 1
    assert {list(row)[-1] for row in rows} == {"as_of" if instant else "etag"}
    assert {row.get("as_of") for row in rows} == {instant}


@ON_SQLITE
@pytest.mark.parametrize(("excel", "separator"), [("comma", ","), ("semicolon", ";")])
@pytest.mark.usefixtures("two_mentors")
def test_for_excel_a_table_begins_with_a_byte_order_mark_and_separates_as_asked(client, excel, separator):
    response = client.get(f"{MENTORS}.csv?excel={excel}")
    assert response.data.startswith(b"\xef\xbb\xbfmentor_id" + separator.encode())
    for line in read_lines(response.data, separator):
        one = client.get(f"{MENTORS}/{line['mentor_id']}")
        assert line == as_cells(one.json, midnight="T00:00:00Z") | {"etag": one.headers["ETag"]}


REASONS = {  # and the cell of each
    '=HYPERLINK("http://evil.example","x")': '\'=HYPERLINK("http://evil.example","x")',
    "'quoted": "''quoted",
    "''": "'''",
    "007": "007",
    "'007": "''007",
    "x-ray": "x-ray",
    'say "ah"; or, else': 'say "ah"; or, else',
    "père 💤": "père 💤",
}


@ON_SQLITE
def test_a_reason_that_a_spreadsheet_would_run_gets_an_apostrophe_and_no_id_does(client):
    ids = [f"{number:04}" for number in range(len(REASONS))]
    for mentor_id, reason in zip(ids, REASONS, strict=True):
        client.post(MENTORS, json={"mentor_id": mentor_id, "status": "paused", "pause_reason": reason})
    lines, records = download(client, MENTORS), download(client, RECORDS)
    assert [line["mentor_id"] for line in lines] == [record["mentor_id"] for record in records] == ids
    assert [line["pause_reason"] for line in lines] == [*REASONS.values()]
    assert [record["reason"] for record in records] == [*REASONS.values()]
    edited = [line | {"expected_return_date": "2026-12-24"} for line in lines]
    assert outcomes(upload(client, MENTORS, edited)) == ["updated"] * len(REASONS)
    assert [client.get(f"{MENTORS}/{each}").json["pause_reason"] for each in ids] == [*REASONS]


@pytest.mark.parametrize("first", list("=+-@'\t\r"))
def test_whatever_a_spreadsheet_may_run_gets_an_apostrophe_that_the_upload_takes_off(first):
    assert protect(f"{first}x") == f"'{first}x"
    assert unprotect(f"'{first}x") == f"{first}x"


@pytest.mark.parametrize("count", [6, 7])
def test_a_table_of_several_pages_has_every_row_once_in_the_order_of_the_ids(client, monkeypatch, count):
    monkeypatch.setattr(tables, "PAGE_ROWS", 3)
    for number in range(count):
        client.post(MENTORS, json={"mentor_id": f"m{number}", "status": "paused"})
    assert [row["mentor_id"] for row in download(client, MENTORS)] == [f"m{n}" for n in range(count)]
    ids = [row["pause_record_id"] for row in download(client, RECORDS)]
    assert ids == [f"pause-rec-000{n + 1}" for n in range(count)]


def test_all_pages_are_read_for_one_instant_though_the_clock_goes_on(client, clock, monkeypatch):
    for number in range(4):
        client.post(MENTORS, json={"mentor_id": f"m{number}", "pause_start_date": "2026-03-26T08:30:01Z"})
    read_page = tables.MENTOR_STATUSES.read_page

    def read_page_and_go_on(*args):
        listed = read_page(*args)
        clock.at = "2026-03-26T08:30:05Z"
        return listed

    monkeypatch.setattr(tables, "PAGE_ROWS", 2)
    monkeypatch.setattr(tables.MENTOR_STATUSES, "read_page", read_page_and_go_on)
    assert [row["status"] for row in download(client, MENTORS)] == ["active"] * 4


def test_a_key_that_is_added_to_an_answer_and_a_field_that_is_added_to_a_body_are_columns():
    wider = type("Wider", (MentorStatusSchema,), {"region": fields.String(allow_none=True), "is_new": fields.Boolean()})
    table = tables.Download("wider", None, None, wider)
    assert table.columns[-1] == "region"
    assert table.texts == ["pause_reason", "region"]
    body = type("WiderBody", (schemas.MentorStatusCreate,), {"region": Text(allow_none=True)})
    assert "region" in RowLoader("mentor_id", None, body, body, MENTOR_STATUS).columns


def test_a_key_that_is_added_to_an_answer_alone_stops_the_start():
    wider = Serializer(type("Wider", (MentorStatusSchema,), {"region": fields.String(allow_none=True)}))
    with pytest.raises(LookupError, match="GET one shows region, but MentorStatusUpdate has no such field"):
        RowLoader("mentor_id", None, schemas.MentorStatusUpdate, schemas.MentorStatusCreate, wider)
