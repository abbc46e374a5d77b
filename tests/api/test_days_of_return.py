"""Who is expected back on a day is overdue when that UTC day is over: the API, the calendar, metrics and the board."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
PAUSES_JS = Path(__file__).parent.parent.parent / "static/board/pauses.js"
EXPECTED = ("2026-03-26T00:00:00Z", "2026-03-26T15:00:00Z", "2026-03-26T23:59:59Z")
# Around both ends of the day on which the mentor is expected: whether they are overdue, due today, and due tomorrow.
INSTANTS = {
    "2026-03-24T23:59:59Z": (False, False, False),
    "2026-03-25T00:00:00Z": (False, False, True),
    "2026-03-25T23:59:59Z": (False, False, True),
    "2026-03-26T00:00:00Z": (False, True, True),
    "2026-03-26T00:00:01Z": (False, True, True),
    "2026-03-26T15:00:01Z": (False, True, True),
    "2026-03-26T23:59:59Z": (False, True, True),
    "2026-03-27T00:00:00Z": (True, True, True),
}


@pytest.fixture(params=EXPECTED)
def ada(request, client):
    """Return a client; ada is paused, and expected back on 26 March."""
    sent = {"status": "paused", "pause_start_date": "2026-03-01", "expected_return_date": request.param}
    assert client.post(MENTORS, json={"mentor_id": "ada"} | sent).status_code == 201
    return client


def count(client, query):
    return client.get(f"{RECORDS}?{query}").json["pagination"]["total"]


@pytest.mark.parametrize(("at", "said"), INSTANTS.items())
def test_the_api_says_who_is_overdue_and_who_is_due_by_utc_days(ada, clock, at, said):
    overdue, *due = said
    for query in ("", f"&as_of={at}"):
        assert count(ada, f"phase=overdue{query}") == (overdue if query else 0)
        assert [count(ada, f"due_within_days={days}{query}") for days in (0, 1)] == (due if query else [1, 1])
        assert count(ada, f"phase=current{query}") == 1
    clock.at = at
    assert count(ada, "phase=overdue") == overdue
    assert [count(ada, f"due_within_days={days}") for days in (0, 1)] == due


@pytest.mark.parametrize(("at", "said"), INSTANTS.items())
def test_the_calendar_and_the_metrics_say_the_same(ada, clock, at, said):
    overdue = said[0]
    clock.at = at
    assert ("(overdue)" in ada.get(f"{RECORDS}.ics").text) == overdue
    metrics = ada.get("/metrics").text
    assert f'pauses{{phase="overdue"}} {float(overdue)}' in metrics
    assert ("oldest_overdue_pause_seconds 0.0" in metrics) != overdue


def test_the_board_says_the_same(ada):
    if not shutil.which("node"):
        pytest.skip("needs nodejs (Debian)")
    (record,) = ada.get(RECORDS).json["data"]
    program = f"""
        import {{ pauseAt }} from "{PAUSES_JS.as_uri()}";
        const record = {json.dumps(record)};
        const phases = {json.dumps(list(INSTANTS))}.map((at) => pauseAt(record, {{ at: Date.parse(at) }}).phase);
        console.log(JSON.stringify(phases));
    """
    ran = subprocess.run(["node", "--input-type=module", "-e", program], capture_output=True, check=True)
    assert json.loads(ran.stdout) == ["overdue" if said[0] else "current" for said in INSTANTS.values()]
