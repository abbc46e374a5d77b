"""A purge deletes what ended long ago, and its history; what stays can be read as before, and what is gone is a 410."""

from io import BytesIO
from types import SimpleNamespace

import pytest

from db import db, read_clock
from features.data import exporting, importing
from features.tables import download
from mentors import retention
from mentors.formats import seconds_after
from mentors.problems import CommandError
from mentors.retention import purge
from models import Installation, PauseRecord
from tests.conftest import empty_tables
from tests.support.lists import read_by_key

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"
DATE = "2025-01-01T00:00:00Z"
JUST_BEFORE, JUST_AFTER = "2024-12-31T23:59:59Z", "2025-01-01T00:00:01Z"


def history(client, mentor_id="ada"):
    return client.get(f"{MENTORS}/{mentor_id}/history").json["data"]


def purged_before(client, query=""):
    return client.get(f"{MENTORS}/ada/history{query}").json["purged_before"]


def test_the_pauses_that_ended_before_go_and_so_does_the_whole_history_before_and_a_dry_run_only_counts_them(
    pauses_of_ada, unmarked, state
):
    shown, entries, before = unmarked.get(f"{MENTORS}/ada"), history(unmarked), state()
    assert purge(DATE, dry_run=True) == {"pauses": 2, "history entries": 6}
    assert (state(), purged_before(unmarked)) == (before, None)
    assert purge(DATE) == {"pauses": 2, "history entries": 6}
    assert [pause["pause_record_id"] for pause in unmarked.get(PAUSES).json["data"]] == pauses_of_ada[2:]
    assert unmarked.get(f"{MENTORS}/ada").data == shown.data
    assert history(unmarked) == entries[:1]  # the change of 2025, but not who opened the pause in 2024


def test_a_history_says_before_which_date_entries_may_be_missing_and_is_never_a_410(pauses_of_ada, unmarked):
    of_everybody = "/api/v1/history"
    for path in (f"{MENTORS}/ada/history", of_everybody):
        assert unmarked.get(path).text.endswith('},"purged_before":null}\n')
    purge(DATE)
    for query in ("", "?page=7", "?after=", "?after=1"):
        assert purged_before(unmarked, query) == DATE
    for query in ("", "?until=2024-01-01", "?since=2023-01-01", "?mentor_id=ada&after="):
        answer = unmarked.get(f"{of_everybody}{query}")
        assert (answer.status_code, answer.json["purged_before"]) == (200, DATE)
    assert unmarked.get(f"{of_everybody}?until=2024-01-01").json["data"] == []


def test_entries_that_stay_are_as_they_were_and_keep_their_ids(at, unmarked, rows):
    at("2023-01-01T10:00:00Z", "POST", MENTORS, mentor_id="ada", status="paused", pause_reason="illness")
    at("2023-01-01T10:00:00Z", "POST", PAUSES, mentor_id="ada", start_date="2023-02-01", reason="leave")
    at(DATE, "PUT", f"{PAUSES}/pause-rec-0001", end_date=JUST_BEFORE)
    at("2025-02-01T10:00:00Z", "PUT", f"{MENTORS}/ada", metadata={"notes": "called"})
    whole, stored = history(unmarked), rows("history_entry")
    assert purge(DATE) == {"pauses": 1, "history entries": 2}
    assert history(unmarked) == whole[:2]  # also what they say of the pause that is gone
    assert read_by_key(unmarked, f"{MENTORS}/ada/history", {}, limit=1) == whole[:2]
    assert rows("history_entry") == stored[2:]


def test_of_a_mentor_who_is_there_an_empty_history_is_left_and_of_a_deleted_one_nothing(at, unmarked):
    for mentor_id in ("ada", "bea"):
        at("2023-01-01T10:00:00Z", "POST", MENTORS, mentor_id=mentor_id)
    at("2023-02-01T10:00:00Z", "DELETE", f"{MENTORS}/bea")
    assert purge(DATE) == {"pauses": 0, "history entries": 3}
    assert (history(unmarked), purged_before(unmarked)) == ([], DATE)
    assert unmarked.get(f"{MENTORS}/bea/history").status_code == 404


@pytest.mark.parametrize(("end", "pauses", "entries"), [(JUST_BEFORE, 1, 2), (DATE, 0, 1)])
def test_what_happened_at_the_instant_itself_stays(at, unmarked, end, pauses, entries):
    at("2024-12-01T10:00:00Z", "POST", MENTORS, mentor_id="ada", status="paused")
    at(end, "PUT", f"{MENTORS}/ada", status="active")
    counts = {"pauses": pauses, "history entries": entries}
    assert purge(DATE, dry_run=True) == purge(DATE) == counts


def test_the_latest_date_counts_and_beside_it_the_last_entry_when_its_purge_ended(pauses_of_ada, at, unmarked, rows):
    def recorded():
        (installation,) = rows("installation")
        return installation["purged_before"], installation["last_id_at_purge_end"]

    last_id = max(entry["id"] for entry in rows("history_entry"))
    purge(DATE, dry_run=True)
    assert recorded() == (None, None)
    assert purge("2023-12-31T00:00:00Z")["pauses"] == 1
    assert purge(DATE)["pauses"] == 1
    assert recorded() == (DATE, last_id)
    at("2026-01-01T10:00:00Z", "POST", MENTORS, mentor_id="bea")
    assert purge("2024-01-01T00:00:00Z") == {"pauses": 0, "history entries": 0}
    purge(DATE, dry_run=True)
    assert recorded() == (DATE, last_id)
    assert unmarked.get(f"{MENTORS}?as_of={JUST_BEFORE}").status_code == 410
    meanwhile = []
    assert purge(DATE, report=lambda _rows: meanwhile.append(recorded())) == {"pauses": 0, "history entries": 0}
    assert (meanwhile, recorded()) == ([(DATE, None)], (DATE, last_id + 1))
    later = "2025-06-01T00:00:00Z"
    with pytest.raises(ZeroDivisionError):  # interrupted, after a purge of an earlier date has ended
        purge(later, report=lambda _rows: purge(DATE) and 1 / 0)
    assert recorded() == (later, None)


def test_others_write_between_two_batches_for_as_long_as_the_first_one_took(monkeypatch):
    instants, rests = iter([0, 3, 6, 6.001]), []
    batches = iter([[(number, "ada", True) for number in numbers] for numbers in (range(200), range(200, 207))])
    monkeypatch.setattr(retention, "time", SimpleNamespace(monotonic=lambda: next(instants), sleep=rests.append))
    monkeypatch.setattr(retention, "read_batch", lambda *_given: next(batches, []))
    monkeypatch.setattr(retention, "delete_batch", lambda _model, _is_old, batch: len(batch))
    assert retention.delete_rows(PauseRecord, None, dry_run=False) == 207
    assert rests == [3, 0.02]


def test_a_date_that_lies_ahead_is_refused_and_one_that_has_passed_is_not(unmarked):
    now = read_clock()
    with pytest.raises(CommandError, match="is ahead of the database's clock, which says 2"):
        purge(seconds_after(now, 60))
    assert unmarked.get(f"{MENTORS}?as_of={JUST_BEFORE}").status_code == 200
    purge(now)
    assert unmarked.get(f"{MENTORS}?as_of={JUST_BEFORE}").status_code == 410


# --- reading what is gone

READS = [
    *(f"{MENTORS}{path}as_of=" for path in ("?", "/ada?", "?status=active&", "?expected=true&", "?after=&", ".csv?")),
    *(f"{PAUSES}{path}=" for path in ("?as_of", "?from", ".csv?from")),
    "/api/v1/digest?as_of=",
]
WINDOWS = [f"{PAUSES}?to=", f"{PAUSES}.csv?to="]  # which end by an instant, and lie before it


@pytest.mark.parametrize("path", [*READS, *WINDOWS])
def test_a_read_of_what_was_before_is_a_410_and_one_of_the_instant_itself_is_not(pauses_of_ada, unmarked, path):
    last, first = (DATE, JUST_AFTER) if path in WINDOWS else (JUST_BEFORE, DATE)
    assert unmarked.get(path + JUST_BEFORE).status_code == 200
    purge(DATE)
    for instant in (JUST_BEFORE, last):
        gone = unmarked.get(path + instant)
        assert (gone.status_code, gone.json["code"]) == (410, "purged")
        assert DATE in gone.json["detail"]
    assert unmarked.get(path + first).status_code == 200
    assert unmarked.get(path.partition("?")[0]).status_code == 200


# --- the date goes along


def test_an_export_carries_the_date_and_an_import_takes_it(pauses_of_ada, unmarked, rows):
    purge(DATE)
    installation = rows("installation")
    whole = BytesIO()
    exporting.export(whole)
    exported = whole.getvalue().splitlines(keepends=True)
    empty_tables()
    with db.connection_context():
        Installation.update(purged_before=None, last_id_at_purge_end=None).execute()
    assert unmarked.get(f"{MENTORS}?as_of={JUST_BEFORE}").status_code == 200
    assert importing.import_(iter(exported)) == len(exported) - 2
    assert unmarked.get(f"{MENTORS}?as_of={JUST_BEFORE}").status_code == 410
    assert purged_before(unmarked) == DATE
    assert rows("installation") == installation


@pytest.mark.parametrize("query", [f"as_of={JUST_BEFORE}", "from=2023-02-15"])
@pytest.mark.usefixtures("pauses_of_ada")
def test_a_table_is_a_410_if_a_purge_begins_between_two_of_its_pages(client, monkeypatch, query):
    monkeypatch.setattr(download, "PAGE_ROWS", 1)
    read_page = download.PAUSE_RECORDS.read_page

    def purge_after_a_page(*args):
        listed = read_page(*args)
        purge(DATE)
        return listed

    monkeypatch.setattr(download.PAUSE_RECORDS, "read_page", purge_after_a_page)
    response = client.get(f"/api/v1/pause-records.csv?{query}")
    assert (response.status_code, response.content_type) == (410, "application/problem+json")
    assert response.json["code"] == "purged"


@pytest.mark.parametrize(("as_of", "date"), [("2025-01-07T23:59:59Z", DATE), ("2025-01-08", None)])
def test_a_digest_that_looks_back_beyond_the_date_says_so(pauses_of_ada, unmarked, as_of, date):
    digest = f"/api/v1/digest?days=7&as_of={as_of}"
    assert unmarked.get(digest).json["purged_before"] is None
    purge(DATE)
    assert unmarked.get(digest).json["purged_before"] == date
