"""TIME_ZONE as an operator sets it: wrong values, another zone later, an import, the seed."""

import json

from tests.support.commands import app_on, flask
from tests.support.tables import download, outcomes, upload

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
DATES = ("start_date", "expected_return_date", "end_date")
LOS_ANGELES = "America/Los_Angeles"
PAUSES = b"""mentor_id,reason,start_date,expected_return_date,end_date
ada,leave,2026-01-02,2027-01-01,
ada,study,2026-07-02,,2027-07-05
ada,illness,2026-03-08,2026-11-01,2027-02-28
"""


def test_a_table_of_the_zone_before_keeps_the_days_of_winter_and_of_summer(migrated_url):
    with app_on(migrated_url, lambda: "2026-11-26T12:00:00Z", time_zone="UTC") as app:
        client = app.test_client()
        upload(client, MENTORS, [{"mentor_id": "ada"}])
        assert set(outcomes(upload(client, RECORDS, PAUSES))) == {"created"}
        table = download(client, RECORDS)
    with app_on(migrated_url, lambda: "2026-11-26T12:00:00Z", time_zone=LOS_ANGELES) as app:
        client = app.test_client()
        assert set(outcomes(upload(client, RECORDS, table))) == {"updated"}
        after = download(client, RECORDS)
        assert [[line[name] for name in DATES] for line in after] == [[line[name] for name in DATES] for line in table]
        assert set(outcomes(upload(client, RECORDS, after))) == {"unchanged"}
        assert client.get(f"{RECORDS}/pause-rec-0001").json["start_date"] == "2026-01-02T08:00:00Z"


def test_an_export_says_its_zone_and_an_import_into_another_one_warns(migrated_url, tmp_path):
    code, _lines = flask(migrated_url, "export", tmp_path / "all.ndjson", time_zone=LOS_ANGELES)
    assert code == 0
    header = json.loads((tmp_path / "all.ndjson").read_text().splitlines()[0])
    assert header["time_zone"] == LOS_ANGELES
    imported = flask(migrated_url, "import", tmp_path / "all.ndjson", time_zone=LOS_ANGELES)
    assert imported == (0, ["import: 0 rows"])
    code, lines = flask(migrated_url, "import", tmp_path / "all.ndjson", time_zone="Asia/Kolkata")
    assert (code, lines[1:]) == (0, ["import: 0 rows"])
    assert lines[0] == (
        "import: the days of the export are those of 'America/Los_Angeles', and TIME_ZONE is Asia/Kolkata;"
        " no instant is changed."
    )


def test_the_examples_are_on_days_of_the_zone(migrated_url):
    assert flask(migrated_url, "seed", time_zone=LOS_ANGELES)[0] == 0
    with app_on(migrated_url, time_zone=LOS_ANGELES) as app:
        lines = download(app.test_client(), RECORDS)
    fixed = {"pause-rec-0018", "pause-rec-0019"}  # the contract's, at midnight in UTC
    shown = {line[name] for line in lines if line["pause_record_id"] not in fixed for name in DATES}
    assert shown and {text for text in shown if "T" in text} == set()
