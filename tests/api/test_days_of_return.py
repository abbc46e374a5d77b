"""Who is expected back on a day is overdue when that day is over: the API, the metrics and the board."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.databases import ON_SQLITE
from tests.support.programs import installed

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
PAUSES_JS = Path(__file__).parent.parent.parent / "static/board/read/pauses.js"
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


def test_the_api_and_the_metrics_say_who_is_overdue_and_who_is_due_by_utc_days(ada, clock):
    for clock.at, said in INSTANTS.items():
        queries = ("phase=overdue", "due_within_days=0", "due_within_days=1")
        assert [ada.get(f"{RECORDS}?{query}").json["pagination"]["total"] for query in queries] == [*said], clock.at
        assert ("oldest_overdue_pause_seconds 0.0" in ada.get("/metrics").text) != said[0]


@ON_SQLITE
def test_the_board_says_the_same(ada):
    (record,) = ada.get(RECORDS).json["data"]
    program = f"""
        import {{ rowOfPause }} from "{PAUSES_JS.as_uri()}";
        const record = {json.dumps(record)};
        const phases = {json.dumps(list(INSTANTS))}.map((at) => rowOfPause(record, {{ at: Date.parse(at) }}).phase);
        console.log(JSON.stringify(phases));
    """
    ran = subprocess.run([installed("node"), "--input-type=module", "-e", program], capture_output=True, check=True)
    assert json.loads(ran.stdout) == ["overdue" if said[0] else "current" for said in INSTANTS.values()]
