"""The forms that a table may have when it is uploaded, and texts that go down and up without a change."""

import pytest

from tests.support.tables import MENTORS, RECORDS, download, outcomes, upload


@pytest.mark.parametrize("separator", [b",", b";", b"\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_a_table_may_have_any_of_three_separators_a_mark_and_any_line_break(client, separator, mark, line_end):
    lines = [b"mentor_id,status,pause_reason", "ada,paused,père".encode(), b""]
    data = mark + line_end.join(lines).replace(b",", separator)
    assert outcomes(upload(client, MENTORS, data)) == ["created"]
    assert client.get(f"{MENTORS}/ada").json["pause_reason"] == "père"


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.parametrize("form", ["", "?excel=semicolon"])
@pytest.mark.parametrize("lines", [b"", b"\r\n\r\n"])
@pytest.mark.parametrize("is_dry_run", [True, False])
def test_an_empty_table_as_it_is_downloaded_does_nothing(client, path, form, lines, is_dry_run):
    header = client.get(f"{path}.csv{form}").data
    response = upload(client, path, header + lines, f"?dry_run={str(is_dry_run).lower()}")
    nothing = {"created": 0, "updated": 0, "unchanged": 0, "dry_run": is_dry_run, "data": []}
    assert (response.status_code, response.json) == (200, nothing)


@pytest.mark.parametrize(
    "content_type", ["text/csv", "text/csv; charset=UTF-8", None, "application/x-www-form-urlencoded"]
)
def test_a_table_may_be_sent_as_csv_with_curls_default_type_or_without_one(client, content_type):
    response = client.post(f"{MENTORS}.csv", data=b"mentor_id\nada\n", content_type=content_type)
    assert outcomes(response) == ["created"]


def test_a_table_whose_lines_have_no_text_does_nothing(client):
    assert outcomes(upload(client, MENTORS, b"mentor_id;status\n;\n;\n")) == []


def test_lines_whose_cells_are_all_empty_are_left_out_but_counted(client):
    response = upload(client, MENTORS, b"mentor_id;status\n\n;\nada;\n;\n")
    assert response.json["data"] == [{"line": 4, "outcome": "created", "mentor_id": "ada"}]


@pytest.mark.parametrize(
    "reason",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "'quoted",
        "'=x",
        "''",
        "'tis",
        "x-ray",
        "a;b",
        'a"b',
        "a,b",
        "007",
        "'007",
        "Wahr",
        "'May 5",
    ],
)
def test_a_reason_goes_down_and_up_without_a_change(client, reason):
    client.post(MENTORS, json={"mentor_id": "ada", "status": "paused", "pause_reason": reason})
    lines = download(client, MENTORS)
    lines[0]["expected_return_date"] = "2026-12-24"
    assert outcomes(upload(client, MENTORS, lines)) == ["updated"]
    assert client.get(f"{MENTORS}/ada").json["pause_reason"] == reason


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("'tis", "'tis"),
        ("=1", "=1"),
        ("'=1", "=1"),
        ("''x", "'x"),
        ("'", "'"),
        ("'007", "007"),
        ("''007", "'007"),
        ("'12:30 ", "12:30"),
        ("'true ", "true"),
        ("'truely", "'truely"),
    ],
)
def test_one_apostrophe_is_taken_off_only_before_what_a_spreadsheet_takes_for_no_text(client, cell, reason):
    upload(client, MENTORS, [{"mentor_id": "ada", "status": "paused", "pause_reason": cell}])
    assert client.get(f"{MENTORS}/ada").json["pause_reason"] == reason


def test_an_apostrophe_is_taken_off_an_id_and_a_date_too(client):
    line = {"mentor_id": "'0042", "status": "paused", "pause_start_date": "'2026-03-01"}
    assert outcomes(upload(client, MENTORS, [line])) == ["created"]
    assert client.get(f"{MENTORS}/0042").json["pause_start_date"] == "2026-03-01T00:00:00Z"


@pytest.mark.parametrize(
    ("cell", "start"),
    [
        ("2026-03-01 09:30:00", "2026-03-01T09:30:00Z"),
        ("2026-03-01 09:30:00+02:00", "2026-03-01T07:30:00Z"),
        ("2026-03-01 09:30:00.123456+00:00", "2026-03-01T09:30:00Z"),
        ("2026-03-01 09:30:00Z", "2026-03-01T09:30:00Z"),
    ],
)
def test_a_timestamp_may_have_a_blank_for_the_t_in_a_table_alone(client, cell, start):
    line = {"mentor_id": "ada", "status": "paused", "pause_start_date": cell}
    assert client.post(MENTORS, json=line).status_code == 422
    assert outcomes(upload(client, MENTORS, [line])) == ["created"]
    assert client.get(f"{MENTORS}/ada").json["pause_start_date"] == start


@pytest.mark.parametrize(("path", "edited"), [(MENTORS, "pause_reason"), (RECORDS, "reason")])
def test_a_table_as_pandas_writes_it_is_untouched_and_an_edit_changes_just_that(client, path, edited):
    for name in ("ada", "bob"):
        body = {"mentor_id": name, "status": "paused", "expected_return_date": "2026-05-01", "pause_reason": "illness"}
        client.post(MENTORS, json=body)
    lines = [
        {
            name: cell.replace("T", " ").replace("Z", "+00:00") if cell.endswith("Z") else cell
            for name, cell in line.items()
        }
        for line in download(client, path)
    ]
    assert "2026-03-26 08:30:00+00:00" in lines[0].values()
    assert outcomes(upload(client, path, lines)) == ["unchanged", "unchanged"]
    lines[1][edited] = "leave"
    assert outcomes(upload(client, path, lines)) == ["unchanged", "updated"]


def test_both_spellings_of_the_path_take_a_table(client):
    assert outcomes(upload(client, MENTORS + MENTORS, [{"mentor_id": "ada"}])) == ["created"]
    line = {"mentor_id": "ada", "start_date": "2026-06-01", "reason": "leave"}
    assert outcomes(upload(client, MENTORS + RECORDS, [line])) == ["created"]
