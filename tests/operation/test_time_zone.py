"""TIME_ZONE as an operator sets it: wrong values, another zone later, an import, the seed."""

import json

from tests.support.commands import app_on, flask, migrated
from tests.support.days import Walk
from tests.support.tables import download, outcomes, upload

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
DATES = ("start_date", "expected_return_date", "end_date")
LOS_ANGELES = "America/Los_Angeles"


def test_a_table_of_the_zone_before_keeps_the_days_of_300_mentors(empty_database):
    migrated(empty_database)
    mentors = [{"mentor_id": f"mentor-{number}"} for number in range(300)]
    pauses = [
        mentor
        | {
            "reason": "leave",
            "start_date": f"2026-{1 + number % 12:02}-{1 + number % 28:02}",
            "expected_return_date": f"2027-{1 + number % 12:02}-01" if number % 3 else "",
            "end_date": f"2027-{1 + number % 12:02}-{1 + number % 28:02}" if number % 2 else "",
        }
        for number, mentor in enumerate(mentors)
    ]
    with app_on(empty_database, lambda: "2026-11-26T12:00:00Z", time_zone="UTC") as app:
        client = app.test_client()
        upload(client, MENTORS, mentors)
        assert set(outcomes(upload(client, RECORDS, pauses))) == {"created"}
        table = download(client, RECORDS)
    with app_on(empty_database, lambda: "2026-11-26T12:00:00Z", time_zone=LOS_ANGELES) as app:
        client = app.test_client()
        assert set(outcomes(upload(client, RECORDS, table))) == {"updated"}
        after = download(client, RECORDS)
        assert [[line[name] for name in DATES] for line in after] == [[line[name] for name in DATES] for line in table]
        assert set(outcomes(upload(client, RECORDS, after))) == {"unchanged"}
        start = client.get(f"{RECORDS}/pause-rec-0001").json["start_date"]
    assert start == Walk(LOS_ANGELES, "2026-01-01").start_of("2026-01-01") == "2026-01-01T08:00:00Z"


def test_an_export_says_its_zone_and_an_import_into_another_one_warns(empty_database, tmp_path):
    migrated(empty_database)
    code, _lines = flask(empty_database, "export", tmp_path / "all.ndjson", time_zone=LOS_ANGELES)
    assert code == 0
    header = json.loads((tmp_path / "all.ndjson").read_text().splitlines()[0])
    assert header["time_zone"] == LOS_ANGELES
    imported = flask(empty_database, "import", tmp_path / "all.ndjson", time_zone=LOS_ANGELES)
    assert imported == (0, ["import: 0 rows"])
    code, lines = flask(empty_database, "import", tmp_path / "all.ndjson", time_zone="Asia/Kolkata")
    assert (code, lines[1:]) == (0, ["import: 0 rows"])
    assert lines[0] == (
        "import: the days of the export are those of America/Los_Angeles, and TIME_ZONE is Asia/Kolkata;"
        " no instant is changed."
    )


def test_the_examples_are_on_days_of_the_zone(empty_database):
    migrated(empty_database)
    assert flask(empty_database, "seed", time_zone=LOS_ANGELES)[0] == 0
    with app_on(empty_database, time_zone=LOS_ANGELES) as app:
        lines = download(app.test_client(), RECORDS)
    fixed = {"pause-rec-0018", "pause-rec-0019"}  # the contract's, at midnight in UTC
    shown = {line[name] for line in lines if line["pause_record_id"] not in fixed for name in DATES}
    assert shown and {text for text in shown if "T" in text} == set()
