"""`etags=true`: both lists show the ETag that GET one of each item has, so a client need not GET it before a write."""

import pytest

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
READS = ("", "&sort=-{}", "&page=2&limit=2", "&after=", "&mentor_id=ada,grace", "&mentor_id_contains=a")


@pytest.fixture
def four_mentors(client, pause):
    """Return a client; of four mentors one has two pauses in force, one has a coming one, and one had one."""
    client.post(MENTORS, json={"mentor_id": "edsger"})
    pause("ada", reason="illness", expected_return_date="2026-06-01")  # due within some days
    pause("ada", start_date="2026-03-01")
    pause("ada", start_date="2026-01-01", end_date="2026-02-01")
    pause("barbara", start_date="2026-01-01", end_date="2026-02-01")
    pause("grace", start_date="2026-06-01", reason='a "reason"')
    return client


@pytest.mark.parametrize(
    ("path", "read"),
    [
        *((MENTORS, read.format("last_updated")) for read in (*READS, "&status=paused", "&status=active&after=")),
        *((RECORDS, read.format("expected_return_date")) for read in (*READS, "&phase=current", "&phase=ended&after=")),
        (RECORDS, "&due_within_days=3650"),
    ],
)
def test_each_item_has_the_etag_of_get_one_last_and_a_record_that_of_its_mentor_too(four_mentors, path, read):
    plain = four_mentors.get(f"{path}?{read[1:]}").json
    listed = four_mentors.get(f"{path}?etags=true{read}").json
    assert listed["pagination"] == plain["pagination"]
    assert listed["data"]

    def etag_of(one):
        return four_mentors.get(one).headers["ETag"]

    for item, shown in zip(listed["data"], plain["data"], strict=True):
        own = {"etag": etag_of(f"{path}/{next(iter(shown.values()))}")}
        of_mentor = {"mentor_etag": etag_of(f"{MENTORS}/{item['mentor_id']}")} if path == RECORDS else {}
        assert list(item.items()) == list((shown | own | of_mentor).items())


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
@pytest.mark.parametrize(("other", "name"), [("as_of=2026-12-24", "as_of"), ("expected=true", "expected")])
def test_the_etags_are_those_of_now_so_another_day_is_refused(four_mentors, path, other, name):
    refused = four_mentors.get(f"{path}?etags=true&{other}")
    assert (refused.status_code, list(refused.json["errors"]), name in refused.json["detail"]) == (422, ["etags"], True)
    assert four_mentors.get(f"{path}?etags=false&{other}").status_code == 200


@pytest.mark.parametrize("path", [MENTORS, RECORDS])
def test_no_cache_keeps_such_an_answer_and_its_links_keep_the_parameter(four_mentors, path):
    answer = four_mentors.get(f"{path}?etags=true&limit=1")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "etags=true" in answer.headers["Link"]
    again = four_mentors.get(f"{path}?etags=true&limit=1", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_backend_gets_the_etag_of_what_it_sees(four_mentors, configured):
    client = configured(API_TOKENS=f"backend:{'s' * 32}:status")
    token = {"Authorization": f"Bearer {'s' * 32}"}
    (ada,) = client.get(f"{MENTORS}?etags=true&mentor_id=ada", headers=token).json["data"]
    assert ada["etag"] == client.get(f"{MENTORS}/ada", headers=token).headers["ETag"]
