"""The API does what its description says, whatever schemathesis sends: by example, by boundary, at random, in sequence.

`make schemathesis` looks longer.
"""

import os
from collections import defaultdict
from datetime import date, time

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.engine import events, from_schema

from tests.support.databases import ON_POSTGRES

ACCEPTED = ["2xx", "3xx", "404", "409", "412", "422"]
CONFIG = {
    "seed": 1,  # the same requests in every run
    "continue-on-failure": True,
    "generation": {"max-examples": int(os.environ.get("SCHEMATHESIS_EXAMPLES", "5"))},
    "checks": {
        # Rules reject what a schema cannot say: a taken id, a stale ETag, an end before its start.
        "positive_data_acceptance": {"expected-statuses": ACCEPTED},
    },
    "operations": [
        # The history answers after a deletion: that is what it is for.
        {"include-operation-id": "list_history", "checks": {"use_after_free": {"enabled": False}}},
        # Of text, a schema cannot say that it is a table; other text is a 400.
        {
            "include-operation-id": ["create_or_update_mentor_statuses", "create_or_update_pause_records"],
            "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "400"]}},
        },
    ],
}

# By the pattern alone, schemathesis would draw few timestamps that exist, and fewer of the years 1970 to 2199.
DAYS = st.dates(date(1970, 1, 1), date(2199, 12, 31)).map(str)
TIMES = st.times().map(time.isoformat)
OFFSETS = st.sampled_from(["", "Z", "+00:00", "-05:30", "+23:59"])
schemathesis.openapi.format("timestamp", DAYS | st.builds("{}T{}{}".format, DAYS, TIMES, OFFSETS))


@schemathesis.hook
def before_load_schema(_context, schema):
    schema["components"]["schemas"]["Timestamp"] |= {"format": "timestamp", "example": "2026-05-01"}


@ON_POSTGRES  # which takes fewer values than SQLite
# schemathesis leaves the files open that /docs sends.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning")
def test_every_operation_answers_as_it_is_described(app, seeded):
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=schemathesis.Config.from_dict(CONFIG))
    sent, failures = defaultdict(set), []
    for event in from_schema(schema).execute():
        assert not isinstance(event, events.NonFatalError | events.FatalError | events.Interrupted), event
        if isinstance(event, events.ScenarioFinished):
            sent[event.phase] |= {case.value.operation.label for case in event.recorder.cases.values()}
            failures += [
                f"{check.name}: {check.failure_info.failure}\n{check.failure_info.code_sample}"
                for checks in event.recorder.checks.values()
                for check in checks
                if check.failure_info
            ]
    assert not failures, "\n\n".join(failures)
    described = {operation.ok().label for operation in schema.get_all_operations()}
    assert len(described) >= 14
    assert sent["coverage"] == described
    assert sent["fuzzing"]
    assert sent["stateful"]
