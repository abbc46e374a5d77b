"""GET of both lists as a table (CSV): its columns, its form, its instant, and all rows however many there are."""

import csv
import io

import pytest
from marshmallow import fields
from peewee import OperationalError

import schemas
from db import db, read_clock
from mentors.fields import Text
from mentors.formats import seconds_after
from reads import answers
from reads.serializers import MENTOR_STATUS, Serializer
from tables import download
from tables.rows import RowLoader

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
BASE = "/api/v1/mentor-statuses"


def lines(response, separator=","):
    """Return the lines of a table as lists of cells."""
    assert response.status_code == 200, response.text
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"), newline=""), delimiter=separator))


def by_column(response):
    """Return the lines of a table as dicts by column."""
    header, *rows = lines(response)
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.fixture
def two_mentors(client):
    """Add an active mentor, and one whose pause has begun."""
    client.post(MENTORS, json={"mentor_id": "grace"})
    pause = {"pause_start_date": "2026-03-01", "expected_return_date": "2026-05-01", "pause_reason": "illness"}
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", **pause})


@pytest.mark.usefixtures("two_mentors")
def test_the_table_of_mentors_has_what_get_one_shows_but_the_flag_and_the_etag(client):
    ada, grace = (client.get(f"{MENTORS}/{name}").headers["ETag"].replace('"', '""') for name in ("ada", "grace"))
    assert client.get(f"{MENTORS}.csv").text == (
        "mentor_id,status,pause_start_date,expected_return_date,pause_reason,last_updated,etag\r\n"
        f'ada,paused,2026-03-01T00:00:00Z,2026-05-01T00:00:00Z,illness,2026-03-26T08:30:00Z,"{ada}"\r\n'
        f'grace,active,,,,2026-03-26T08:30:00Z,"{grace}"\r\n'
    )


@pytest.mark.usefixtures("two_mentors")
def test_the_table_of_records_has_what_get_one_shows_but_the_flag_and_the_etag(client):
    etag = client.get(f"{RECORDS}/pause-rec-0001").headers["ETag"].replace('"', '""')
    assert client.get(f"{RECORDS}.csv").text == (
        "pause_record_id,mentor_id,start_date,expected_return_date,end_date,reason,created_at,etag\r\n"
        f'pause-rec-0001,ada,2026-03-01T00:00:00Z,2026-05-01T00:00:00Z,,illness,2026-03-26T08:30:00Z,"{etag}"\r\n'
    )


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.parametrize(
    ("query", "day"),
    [
        ("", "2026-03-26"),
        ("?expected=false", "2026-03-26"),
        ("?as_of=2026-04-02T23:59:59Z", "as-of-2026-04-02"),
        ("?as_of=2026-03-26T08:30:00Z", "as-of-2026-03-26"),
        ("?expected=true", "as-of-2026-03-26-expected"),
        ("?as_of=2026-12-24&expected=true", "as-of-2026-12-24-expected"),
    ],
)
@pytest.mark.usefixtures("two_mentors")
def test_a_table_is_a_csv_file_named_after_the_day_that_it_shows_and_has_no_etag(client, path, query, day):
    response = client.get(f"{path}.csv{query}")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    name = f"{path.rpartition('/')[2]}-{day}.csv"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "ETag" not in response.headers
    assert response.data.count(b"\r\n") == response.data.count(b"\n") == len(lines(response))
    assert client.get(f"{path}.csv", headers={"If-None-Match": "*"}).status_code == 200


@pytest.mark.usefixtures("two_mentors")
def test_a_table_without_as_of_is_named_after_the_day_of_the_clock(client):
    assert "-2026-03-26.csv" in client.get(f"{MENTORS}.csv").headers["Content-Disposition"]


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
def test_an_empty_table_is_its_header(client, path):
    assert len(lines(client.get(f"{path}.csv"))) == 1


@pytest.mark.usefixtures("two_mentors")
def test_both_spellings_of_the_path_give_the_same_table(client):
    for path in (f"{MENTORS}.csv", f"{RECORDS}.csv"):
        assert client.get(BASE + path).data == client.get(path).data


@pytest.mark.parametrize(("excel", "separator"), [("comma", ","), ("semicolon", ";")])
@pytest.mark.usefixtures("two_mentors")
def test_for_excel_a_table_begins_with_a_byte_order_mark_and_separates_as_asked(client, excel, separator):
    response = client.get(f"{MENTORS}.csv?excel={excel}")
    assert response.data.startswith(b"\xef\xbb\xbfmentor_id" + separator.encode())
    assert lines(response, separator) == lines(client.get(f"{MENTORS}.csv"))


@pytest.mark.parametrize(
    "query", ["page=1", "limit=10", "after=", "sort=mentor_id", "excel=tab", "excel=", "status=away"]
)
def test_a_parameter_that_a_table_does_not_take_is_a_422(client, query):
    assert client.get(f"{MENTORS}.csv?{query}").status_code == 422


def test_an_unknown_parameter_of_a_table_is_a_422_that_names_the_known_ones(client):
    detail = client.get(f"{MENTORS}.csv?phase=current").json["detail"]
    assert detail.endswith("use one of: as_of, expected, status, mentor_id, updated_since, excel.")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (MENTORS, "status=paused"),
        (MENTORS, "status=active&as_of=2026-12-24&expected=true"),
        (MENTORS, "mentor_id=grace,nobody"),
        (MENTORS, "updated_since=2026-03-26"),
        (MENTORS, "as_of=2026-02-01"),
        (RECORDS, "phase=current"),
        (RECORDS, "reason=illness&from=2026-02-01&to=2026-03-02"),
        (RECORDS, "is_active=false"),
        (RECORDS, "due_within_days=100"),
    ],
)
@pytest.mark.usefixtures("two_mentors")
def test_the_filters_of_a_table_are_those_of_its_list(client, path, query):
    listed = client.get(f"{path}?{query}&after=").json["data"]
    table = by_column(client.get(f"{path}.csv?{query}"))
    shown = [{key: value or "" for key, value in each.items() if type(value) is not bool} for each in listed]
    assert [{key: row[key] for key in each} for row, each in zip(table, shown, strict=True)] == shown


@pytest.mark.parametrize(("path", "key"), [(MENTORS, "mentor_id"), (RECORDS, "pause_record_id")])
@pytest.mark.usefixtures("two_mentors")
def test_the_etag_is_that_of_get_one(client, path, key):
    for row in by_column(client.get(f"{path}.csv")):
        assert row["etag"] == client.get(f"{path}/{row[key]}").headers["ETag"]


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.parametrize("excel", ["", "&excel=comma"])
@pytest.mark.parametrize(
    ("query", "instant"),
    [
        ("as_of=2026-12-24", "2026-12-24T00:00:00Z"),
        ("as_of=2026-03-26T08:30:00Z", "2026-03-26T08:30:00Z"),
        ("expected=true", "2026-03-26T08:30:00Z"),
        ("as_of=2026-12-24&expected=true", "2026-12-24T00:00:00Z"),
    ],
)
@pytest.mark.usefixtures("two_mentors")
def test_a_table_of_another_day_has_the_instant_in_place_of_the_etag(client, path, excel, query, instant):
    *columns, etag = lines(client.get(f"{path}.csv"))[0]
    header, *rows = lines(client.get(f"{path}.csv?{query}{excel}"))
    assert (header, etag) == ([*columns, "as_of"], "etag")
    assert {row[-1] for row in rows} == {instant}


@pytest.mark.parametrize(
    ("reason", "cell"),
    [
        ('=HYPERLINK("http://evil.example","x")', '\'=HYPERLINK("http://evil.example","x")'),
        ("+1", "'+1"),
        ("+leave", "'+leave"),
        ("-1", "'-1"),
        ("-leave", "'-leave"),
        ("@x", "'@x"),
        ("'quoted", "''quoted"),
        ("007", "'007"),
        ("May 2026", "'May 2026"),
        ("true", "'true"),
        ("truce", "truce"),
        ("a=b", "a=b"),
        ('say "ah"; or, else', 'say "ah"; or, else'),
        ("père 💤", "père 💤"),
    ],
)
def test_a_reason_that_a_spreadsheet_would_run_or_read_as_something_else_gets_an_apostrophe(client, reason, cell):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_reason": reason})
    assert by_column(client.get(f"{MENTORS}.csv"))[0]["pause_reason"] == cell
    assert by_column(client.get(f"{RECORDS}.csv"))[0]["reason"] == cell


@pytest.mark.parametrize("mentor_id", ["0042", "1E5", "true"])
def test_an_id_gets_no_apostrophe(client, mentor_id):
    client.post(MENTORS, json={"mentor_id": mentor_id, "status": "paused"})
    assert [row["mentor_id"] for path in (MENTORS, RECORDS) for row in by_column(client.get(f"{path}.csv"))] == [
        mentor_id,
        mentor_id,
    ]


@pytest.mark.parametrize("count", [5, 6, 7])
def test_a_table_of_several_pages_has_every_row_once_in_the_order_of_the_ids(client, monkeypatch, count):
    monkeypatch.setattr(download, "PAGE_ROWS", 3)
    for number in range(count):
        client.post(MENTORS, json={"mentor_id": f"m{number}", "status": "paused"})
    assert [row["mentor_id"] for row in by_column(client.get(f"{MENTORS}.csv"))] == [f"m{n}" for n in range(count)]
    ids = [row["pause_record_id"] for row in by_column(client.get(f"{RECORDS}.csv"))]
    assert ids == [f"pause-rec-000{n + 1}" for n in range(count)]


def after_each_page(monkeypatch, run):
    """Run something after each page of a table of mentors, of which two are then on a page."""
    monkeypatch.setattr(download, "PAGE_ROWS", 2)
    read_page = download.MENTOR_STATUSES.read_page

    def list_and_run(*args):
        listed = read_page(*args)
        run()
        return listed

    monkeypatch.setattr(download.MENTOR_STATUSES, "read_page", list_and_run)


def test_all_pages_are_read_for_one_instant_though_the_clock_goes_on(client, clock, monkeypatch):
    for number in range(4):
        client.post(MENTORS, json={"mentor_id": f"m{number}", "pause_start_date": "2026-03-26T08:30:01Z"})

    def go_on():
        clock.at = "2026-03-26T08:30:05Z"

    after_each_page(monkeypatch, go_on)
    assert [row["status"] for row in by_column(client.get(f"{MENTORS}.csv"))] == ["active"] * 4


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.usefixtures("two_mentors")
def test_a_table_has_a_length_and_head_answers_with_the_same_headers(client, path):
    response, head = client.get(f"{path}.csv"), client.head(f"{path}.csv")
    assert response.content_length == len(response.data)
    assert (head.status_code, head.data) == (200, b"")
    for answer in (response, head):
        del answer.headers["X-Request-ID"]
    assert head.headers == response.headers


def test_a_database_that_fails_after_the_first_page_is_a_503_and_no_table(client, monkeypatch):
    for number in range(4):
        client.post(MENTORS, json={"mentor_id": f"m{number}"})

    def fail():
        raise OperationalError

    after_each_page(monkeypatch, fail)
    response = client.get(f"{MENTORS}.csv")
    assert (response.status_code, response.content_type) == (503, "application/problem+json")
    assert "Content-Disposition" not in response.headers


def test_a_key_that_is_added_to_an_answer_and_a_field_that_is_added_to_a_body_are_columns():
    wider = type(
        "Wider", (answers.MentorStatus,), {"region": fields.String(allow_none=True), "is_new": fields.Boolean()}
    )
    table = download.Download("wider", None, None, wider)
    assert table.columns[-1] == "region"
    assert table.texts == ["pause_reason", "region"]
    body = type("WiderBody", (schemas.MentorStatusCreate,), {"region": Text(allow_none=True)})
    assert "region" in RowLoader("mentor_id", None, body, body, MENTOR_STATUS).columns


def test_a_key_that_is_added_to_an_answer_alone_stops_the_start():
    wider = Serializer(type("Wider", (answers.MentorStatus,), {"region": fields.String(allow_none=True)}))
    with pytest.raises(LookupError, match="GET one shows region, but MentorStatusUpdate has no such field"):
        RowLoader("mentor_id", None, schemas.MentorStatusUpdate, schemas.MentorStatusCreate, wider)


def test_the_clock_is_read_on_a_connection_that_is_given_back(client):
    now = read_clock()
    assert seconds_after(now, 0) == now
    assert db.is_closed()
