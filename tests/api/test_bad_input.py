"""Bad input of every kind, through the front door: it is refused with the field named, and nothing is written."""

import gzip
import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.databases import ON_SQLITE
from tests.support.values import (
    DOORS,
    GOOD_TIMESTAMPS,
    MENTOR,
    MENTORS,
    NO_TEXT,
    NO_TIMESTAMPS,
    RECORD,
    RECORDS,
    TEXTS_OF_MENTOR,
    TEXTS_OF_RECORD,
    values,
)

MENTOR_DOORS, RECORD_DOORS = ("POST mentor", "PUT mentor"), ("POST record", "PUT record")
shown = "{!r:.30}".format  # the id of a case
CODES = {400: "malformed_body", 404: "not_found", 422: "validation_failed"}


def nested(depth):
    return json.loads('{"a":' * depth + "1" + "}" * depth)


@pytest.fixture
def mentor_042(pause):
    """Have mentor-042 paused (pause-rec-0001)."""
    pause("mentor-042", start_date="2026-03-01", reason="illness")


@pytest.fixture
def refuses_request(client, mentor_042, state):
    """Return a function that sends a request and asserts that it is refused as a problem, and nothing written."""
    before = state()

    def send(method, path, status, *fields, **request):
        response = client.open(path, method=method, **request)
        assert (response.status_code, response.content_type) == (status, "application/problem+json"), response.text
        assert response.json["code"] == CODES[status]
        assert set(response.json.get("errors", {})) == set(fields)
        assert state() == before
        return response.json

    return send


NO_MENTOR_IDS = values(r"""
"" "\u0020" "a\u0020b" "\u0020a" "a\u0020" "a\n" "a/b" "/" "." ".." "-a" "_a" ":a" "@a" "~a" "a\u0000" "\u0000"
"\u00e9" "mentor-\u0660" "a%20b" "a+b" "a?b" "a#b" "a,b" "a;b" "a'b" "a\"b" "a\\b" "a|b" "a\u200bb" """)
NO_MENTOR_IDS += ["a" * 65, "a" * 5000]
NO_FLAGS = values('"true" "false" "True" "yes" "on" "" 0 1 1.0 [] [true] {}')
NO_METADATA = values(r"""
[] [{}] "x" "" 0 1 true {"a":9007199254740992} {"a":-9007199254740992} {"a":1e30} {"a":18446744073709551616}
{"a":[1,{"b":-1e16}]} {"a":[[[[[[[[]]]]]]]]} {"a":"\u0000"} {"a\u0000":1} {"a":[{"b":"\u0000"}]}""")
NO_METADATA += [nested(9), nested(900), {"a": 10**30}, {"a": "x" * (2**14 - 7)}, {"a": "é" * 8189}, {"a": [0] * 9000}]
BAD_FIELDS = [
    (MENTOR_DOORS, ("pause_start_date", "expected_return_date"), NO_TIMESTAMPS),
    (RECORD_DOORS, ("start_date", "expected_return_date", "end_date"), NO_TIMESTAMPS),
    (("POST mentor", *RECORD_DOORS), ("mentor_id",), [42, 4.2, True, [], ["mentor-042"], {}, *NO_MENTOR_IDS]),
    (MENTOR_DOORS, TEXTS_OF_MENTOR, ["x" * 201, *NO_TEXT]),
    (RECORD_DOORS, TEXTS_OF_RECORD, ["x" * 201, *NO_TEXT]),
    (("POST mentor", "POST record"), ("mentor_id",), [None]),
    (("POST record",), ("start_date", "reason"), [None]),
    (("PUT record",), ("start_date", "is_active"), [None]),
    (MENTOR_DOORS, ("is_paused",), [None, *NO_FLAGS]),
    (RECORD_DOORS, ("is_active",), NO_FLAGS),
    (MENTOR_DOORS, ("status",), [None, "", "Paused", "paused ", "ended", 1, True, [], ["paused"], {}]),
    (DOORS, ("metadata",), NO_METADATA),
    (DOORS, ("colour", "x" * 5000, "\0"), [None, "red"]),
    (MENTOR_DOORS, ("start_date", "reason", "is_active"), ["2026-03-01"]),
]
BAD_VALUES = [(doors, fields, value) for doors, fields, bad in BAD_FIELDS for value in bad]


@ON_SQLITE
@pytest.mark.parametrize(("doors", "fields", "value"), BAD_VALUES, ids=shown)
def test_a_bad_value_is_refused_at_every_door_that_takes_the_field(refuses_request, doors, fields, value):
    for method, path, least in (DOORS[door] for door in doors):
        for field in fields:
            told = refuses_request(method, path, 422, field, json=least | {field: value})
            assert field != "colour" or "metadata" in told["errors"]["colour"][0]  # the known fields are named


@ON_SQLITE
@pytest.mark.parametrize(("sent", "canonical"), [pair.split("=") for pair in GOOD_TIMESTAMPS.split()])
def test_a_good_timestamp_is_shown_in_utc_and_whole_seconds(client, mentor_042, clock, sent, canonical):
    clock.at = "1970-01-01T00:00:00Z"  # by this clock, no start is long ago
    mentor = {"mentor_id": "mentor-099", "is_paused": True, "pause_start_date": sent, "expected_return_date": sent}
    created = client.post(MENTORS, json=mentor).json
    assert (created["pause_start_date"], created["expected_return_date"]) == (canonical, canonical)
    recorded = client.post(RECORDS, json=DOORS["POST record"][2] | {"start_date": sent, "end_date": sent})
    assert (recorded.json["start_date"], recorded.json["end_date"]) == (canonical, canonical)
    assert client.get(recorded.headers["Location"]).json == recorded.json


GOOD_METADATA = [{}, nested(8), {"a": [[[[[[[]]]]]]]}, {"a": 2**53 - 1, "b": -(2**53) + 1}, {"a": "x" * (2**14 - 8)}]
GOOD_METADATA += [{"a": 0.1, "b": 5e-324, "c": -0.0, "d": 1e15, "e": 1.0}, {"": None, " b ": " \t\n\x1b é \U0001f4a4 "}]


@ON_SQLITE
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("metadata", GOOD_METADATA, ids=shown)
def test_good_metadata_is_kept_exactly(client, mentor_042, rows, door, metadata):
    method, path, least = DOORS[door]
    assert client.open(path, method=method, json=least | {"metadata": metadata}).status_code in (200, 201)
    assert json.dumps(json.loads(rows("history_entry")[-1]["metadata"])) == json.dumps(metadata)  # 1 is not 1.0


NO_JSON = [b"", b" ", b"{", b'{"a":1}x', b'{"a":1,}', b"{'a':1}", b"{a:1}", b"//\n{}", b"\0", b"NaN", b"status=paused"]
NO_JSON += [b"\xef\xbb\xbf{}", "{}".encode("utf-16"), "{}".encode("utf-16-le"), b'{"a":"\xff"}', rb'{"\ud800":1}']
NO_JSON += [b"[" * 60_000, b'{"a":' * 2000 + b"1" + b"}" * 2000, rb'{"reason":"\ud800"}', b'{"reason":"\xed\xa0\x80"}']
NO_JSON += [gzip.compress(b"{}", mtime=0), '{"reason":"é"}'.encode("latin-1")]
NO_JSON += [b'{"metadata":{"a":%s}}' % value for value in (b"NaN", b"-Infinity", b"1e400", rb'"\udfff"')]
NO_OBJECT = [b"null", b"[]", b"[{}]", b"1", b'"x"', b"true", b"1.5", b"[" * 500 + b"]" * 500]


@ON_SQLITE
@pytest.mark.parametrize("body", NO_JSON + NO_OBJECT, ids=shown)
def test_a_body_is_a_json_object(refuses_request, body):
    expected = (422, "body") if body in NO_OBJECT else (400,)
    for method, path, _least in DOORS.values():
        refuses_request(method, path, *expected, data=body)


@ON_SQLITE
def test_what_get_returned_may_be_sent_back_and_read_only_fields_are_ignored(client, mentor_042, state):
    before = state()
    for path, key, read_only in ((MENTOR, "mentor_id", "last_updated"), (RECORD, "pause_record_id", "created_at")):
        shown = client.get(path).json
        for changed in ({}, {key: None}, {read_only: None}, {read_only: ["no", "date"]}):
            assert client.put(path, json=shown | changed).status_code == 200
    assert state() == before
    created = client.post(MENTORS, json={"mentor_id": "mentor-099", "last_updated": 0})
    assert created.json["last_updated"] == "2026-03-26T08:30:00Z"
    ignored = {"pause_record_id": "mine", "created_at": None}
    assert client.post(RECORDS, json=DOORS["POST record"][2] | ignored).json["pause_record_id"] == "pause-rec-0002"


OTHER_SPELLINGS = values(r"""
"" "1" "0001" "pause-rec-1" "pause-rec-001" "pause-rec-00001" "pause-rec-0000000001" "PAUSE-REC-0001" "pause_rec_0001"
"pause-rec0001" "pause-rec-+001" "pause-rec--001" "pause-rec-0_01" "pause-rec-1e10" "pause-rec-0x01" "pause-rec-1.00"
"pause-rec-" "pause-rec-\u0660\u0660\u0660\u0661" "pause-rec-\u00b9\u00b9\u00b9\u00b9" "pause-rec-0000"
"pause-rec-0002" "pause-rec-9223372036854775807" "pause-rec-9223372036854775808" "pause-rec-99999999999999999999"
"pause-rec-0001/" "pause-rec-0001x" "\u0020pause-rec-0001" "pause-rec-0001\u0020" "pause-rec-0001\n"
"pause-rec-0001\u0000" """)
PATHS = [f"{MENTORS}/{quote(name, safe='')}" for name in NO_MENTOR_IDS]
PATHS += [f"{RECORDS}/{quote(name, safe='')}" for name in OTHER_SPELLINGS]
PATHS += [f"{MENTOR}%FF", f"{RECORD}%FF", f"{MENTORS}/%ED%A0%80"]


@ON_SQLITE
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[8:50])
def test_an_impossible_id_or_another_spelling_is_not_found(refuses_request, path):
    for method in ("GET", "PUT", "DELETE"):
        refuses_request(method, path, 404, data="{}")
    if path.startswith(MENTORS):
        refuses_request("DELETE", f"{path}?erase=true", 404)


NO_COUNTS = "0 -1 %2B1 1_0 %D9%A3 %C2%B9 abc 1.0 1e1 NaN 0x1 01 %201 1%20 1%0A 1%00 +1 true null 1,2 1&{0}=1"
NO_COUNTS = [*NO_COUNTS.split(" "), "", str(10**30), str(2**63 - 1), "9" * 5000]
QUERIES = [("page limit", value) for value in NO_COUNTS] + [("limit", "1001"), ("as_of", "2026-05-01&{0}=2026-05-01")]
QUERIES += [("as_of", quote(value)) for value in NO_TIMESTAMPS if isinstance(value, str)]


@ON_SQLITE
@pytest.mark.parametrize(("names", "value"), QUERIES, ids=shown)
def test_a_bad_or_doubled_parameter_is_refused_in_both_lists(refuses_request, names, value):
    for path, name in ((path, name) for path in (MENTORS, RECORDS) for name in names.split()):
        refuses_request("GET", f"{path}?{name}={value.format(name)}", 422, name)


WRONG_DELETIONS = [("initiated_by", value) for value in ("", "a" * 201, "%00", "anna&erase=true")]
WRONG_DELETIONS += [("erase", value) for value in ("", "1", "0", "True", "TRUE", "yes", "true%00", "true&erase=true")]


@ON_SQLITE
@pytest.mark.rule6
@pytest.mark.parametrize(("name", "value"), WRONG_DELETIONS, ids=shown)
def test_a_deletion_takes_a_name_or_erases_all_once_and_in_one_spelling(refuses_request, name, value):
    refuses_request("DELETE", f"{MENTOR}?{name}={value}", 422, name)


@ON_SQLITE
@pytest.mark.rule6
@pytest.mark.parametrize("body", [b'{"erase": true}', b'{"initiated_by": "anna"}', b"[]", b"0", b'""', b"erase=true"])
def test_a_deletion_takes_no_body_which_would_be_ignored(refuses_request, body):
    refuses_request("DELETE", MENTOR, 422, "body", data=body)


@ON_SQLITE
@pytest.mark.parametrize("body", [b"", b" ", b"{}", b"{ }\n", b"null"])
def test_a_deletion_may_have_a_body_that_says_nothing(client, mentor_042, body):
    assert client.delete(MENTOR, data=body).status_code == 200


FIELDS = sorted({"last_updated", *(field for _doors, fields, _bad in BAD_FIELDS for field in fields)})
LIKELY = ["mentor-042", "mentor-001", "active", "paused", "2026-03-01", "2026-05-01", "2199-12-31", "pause-rec-0001"]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.sampled_from(LIKELY)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
BODIES = VALUES | st.dictionaries(st.sampled_from(FIELDS) | st.text(st.characters()), LEAVES | VALUES)


@pytest.mark.parametrize("door", DOORS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, completed=st.booleans())
def test_no_body_makes_a_500_or_a_list_unreadable(client, mentor_042, door, body, completed):
    method, path, least = DOORS[door]
    body = least | body if completed and isinstance(body, dict) else body
    response = client.open(path, method=method, data=json.dumps(body))
    assert response.status_code in (200, 201, 400, 409, 422)
    assert response.content_type == f"application/{'json' if response.status_code < 300 else 'problem+json'}"
    assert [client.get(f"{listed}?limit=1000").status_code for listed in (MENTORS, RECORDS)] == [200, 200]


@ON_SQLITE
@pytest.mark.parametrize(("count", "end"), [(100, ", metadata."), (101, " 1 more."), (5000, " Not shown: 4900 more.")])
def test_of_very_many_unknown_fields_the_first_100_are_named_and_the_others_counted(client, count, end):
    names = [f"x{number:04}" for number in range(count)]
    problem = client.post(MENTORS, json={"mentor_id": "ada"} | dict.fromkeys(names, 0)).json
    assert list(problem["errors"]) == names[:100]
    assert problem["detail"].endswith(end)


@ON_SQLITE
@pytest.mark.parametrize("query", ["reason=%FF", "mentor_id=ada&reason=%C3", "page=%FF", "%E9=1"])
def test_a_query_that_is_not_utf8_is_refused(refuses_request, query):
    refuses_request("GET", f"{RECORDS}?{query}", 422, "query")
