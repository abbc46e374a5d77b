"""What the four requests with a body take and refuse, for tests of the service and of its description."""

import json

from mentors.fields import Text
from schemas import MentorStatusUpdate, PauseRecordUpdate

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
MENTOR, RECORD = f"{MENTORS}/mentor-042", f"{RECORDS}/pause-rec-0001"
# The four doors that take a body, each with the least that it takes.
DOORS = {
    "POST mentor": ("POST", MENTORS, {"mentor_id": "mentor-099"}),
    "PUT mentor": ("PUT", MENTOR, {}),
    "POST record": ("POST", RECORDS, {"mentor_id": "mentor-042", "start_date": "2026-03-26", "reason": "leave"}),
    "PUT record": ("PUT", RECORD, {}),
}


def texts_of(schema):
    return tuple(name for name, field in schema().fields.items() if isinstance(field, Text))


TEXTS_OF_MENTOR, TEXTS_OF_RECORD = texts_of(MentorStatusUpdate), texts_of(PauseRecordUpdate)


def values(table):
    """Read JSON values that stand one beside the other."""
    return [json.loads(value) for value in table.split()]


NO_TIMESTAMPS = values(r"""
"2026-W13-4" "2026-W13" "2026-085" "20260326" "20260326T083000Z" "2026-03-26T083000Z" "2026-03-26t08:30:00Z" "2026"
"2026-03-26T08:30:00z" "2026-03-26\u002008:30:00Z" "2026-03-26T08:30Z" "2026-03-26T08Z" "2026-03-26T" "2026-03" "now"
"26.03.2026" "03/26/2026" "1774513800" "2026-03-26T08:30:60Z" "2026-12-31T23:59:60Z" "2026-03-26T24:00:00Z"
"2026-03-26T25:00:00Z" "2026-03-26T08:60:00Z" "2026-02-30" "2025-02-29T00:00:00Z" "2026-13-01" "2026-00-10"
"2026-03-00" "2026-04-31T00:00:00+01:00" "2026-03-26T08:30:00+24:00" "2026-03-26T08:30:00-24:00"
"2026-03-26T08:30:00+01:60" "\u0020" "2026-03-26T08:30:00+0100" "2026-03-26T08:30:00+01"
"2026-03-26T08:30:00+01:00:00" "2026-03-26T08:30:00\u002001:00" "" "2026-03-26T08:30:00Z+01:00"
"2026-03-26T08:30:00.Z" "2026-03-26T08:30:00,5Z" "2026-03-26Z" "2026-03-26+01:00" "2026-03-26T08:30:00Europe/Berlin"
"\u0662026-03-26" "2026\u201003\u201026" "12026-03-26" "+2026-03-26" "-2026-03-26" "2026-03-26\u0020" "2026-03-26\n"
"2026-03-26\u0000" "2026-03-26T08:30:00Z\u0000" "9999-12-31T23:59:59Z" "\u00202026-03-26" "0000-01-01" "1969-12-31"
"1969-12-31T23:59:59Z" "2200-01-01" "2200-01-01T00:00:00Z" "0001-01-01" "1970-01-01T00:00:00+00:01"
"2199-12-31T23:59:59-00:01" "0001-01-01T00:00:00+14:00" "9999-12-31T23:59:59-14:00" 0 1774513800 1.5 true [] ["2026"]
{}""")


NO_TEXT = values(r'"" "\u0020" "\u00a0" "\u0000" "a\u0000b" "a\nb" "\t" "a\u001b[0m" "\u007f" "\u0085" 5 true [] {}')


GOOD_TIMESTAMPS = """
2026-05-01=2026-05-01T00:00:00Z 2026-05-01T12:30:00=2026-05-01T12:30:00Z 2028-02-29=2028-02-29T00:00:00Z
2026-05-01T00:30:00+02:00=2026-04-30T22:30:00Z 2026-12-31T23:00:00-05:30=2027-01-01T04:30:00Z
2026-05-01T00:00:00-00:00=2026-05-01T00:00:00Z 2026-05-01T23:59:00+23:59=2026-05-01T00:00:00Z
2026-03-26T08:29:59.999999999Z=2026-03-26T08:29:59Z 1970-01-01=1970-01-01T00:00:00Z
2199-12-31T23:59:59Z=2199-12-31T23:59:59Z"""
