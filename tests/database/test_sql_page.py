"""docs/sql.md has the SQL of each list as it is now, for both databases: a reviewer sees what an edit does to it."""

import os
import re
from pathlib import Path

import pytest

from db import db
from mentors import digest, filters, histories, queries
from mentors.serializers import MENTOR_STATUS_IN_LIST, PAUSE_RECORD_IN_LIST
from tests.support.sql_format import PLACE, format_sql, shown

PAGE = Path(__file__).parent.parent.parent / "docs/sql.md"
HEADINGS = {"sqlite": "# SQLite", "postgres": "# Postgres"}
HOW_TO_REWRITE = "docs/sql.md is out of date: REWRITE_SQL_PAGE=1 pytest tests/database/test_sql_page.py writes it anew"


def mentors(sort="mentor_id", **values):
    variant = filters.sql_variant(values, filters.MENTOR_FILTERS)
    return queries.page_of_mentors(variant, sort, False, variant in queries.CACHED_TOTALS_OF_MENTORS)


def mentors_after_a_key(**values):
    variant = filters.sql_variant(values, filters.MENTOR_FILTERS)
    return queries.keyset_page_of_mentors(variant, False, MENTOR_STATUS_IN_LIST, True)


def records(sort="pause_record_id", **values):
    variant = filters.sql_variant(values, filters.RECORD_FILTERS)
    return queries.page_of_pause_records(variant, sort, False, not variant)


def records_after_a_key(**values):
    variant = filters.sql_variant(values, filters.RECORD_FILTERS)
    return queries.keyset_page_of_pause_records(variant, False, PAUSE_RECORD_IN_LIST, not variant)


READS = {
    "GET /mentor-statuses/{id}": lambda: queries.one_mentor(False),
    "GET /mentor-statuses": mentors,
    "GET /mentor-statuses?status=paused": lambda: mentors(status="paused"),
    "GET /mentor-statuses?status=active": lambda: mentors(status="active"),
    "GET /mentor-statuses?sort=-last_updated": lambda: mentors("-last_updated"),
    "GET /mentor-statuses?updated_since=2026-01-01": lambda: mentors(updated_since="2026-01-01"),
    "GET /mentor-statuses?after=": mentors_after_a_key,
    "GET /mentor-statuses?after=&status=paused": lambda: mentors_after_a_key(status="paused"),
    "GET /mentor-statuses/{id}/history": histories.page_of_mentor,
    "GET /mentor-statuses/{id}/history?after=": histories.keyset_page_of_mentor,
    "GET /history": lambda: histories.keyset_page_of_everybody((), True),
    "GET /history?changed_by=joe": lambda: histories.keyset_page_of_everybody(("changed_by",), True),
    "GET /history?mentor_id=a,b&event=created&changed_by=joe": lambda: histories.keyset_page_of_everybody(
        ("changed_by", "event", "mentor_id"), True
    ),
    "GET /digest": digest.digest,
    "GET /pause-records/{id}": lambda: queries.one_pause_record(False),
    "GET /pause-records": records,
    "GET /pause-records?phase=ended&sort=-expected_return_date": lambda: records(
        "-expected_return_date", phase="ended"
    ),
    "GET /pause-records?mentor_id=a,b&reason=leave": lambda: records(mentor_id=["a", "b"], reason="leave"),
    "GET /pause-records?from=2026-01-01&to=2026-02-01": lambda: records(**{"from": "2026-01-01", "to": "2026-02-01"}),
    "GET /pause-records?due_within_days=14": lambda: records(due_within_days=14),
    "GET /pause-records?after=": records_after_a_key,
}


def sql_of_every_read():
    """Return the part of the page that is about the database of the app."""
    parts = [HEADINGS[db.dialect.name]]
    for title, read in READS.items():
        statement = read()
        parts.append(f"## {title}\n\n```sql\n{format_sql(statement.sql, statement.parameters)}\n```")
    return "\n\n".join(parts) + "\n"


def part_of_page(page, name):
    """Return the part of a page that is about one database."""
    return re.search(f"^{HEADINGS[name]}\n.*?(?=^# |\\Z)", page, re.DOTALL | re.MULTILINE)[0]


def test_the_page_has_the_sql_of_every_read(app):
    page = PAGE.read_text()
    before, now = part_of_page(page, db.dialect.name).strip(), sql_of_every_read().strip()
    if os.environ.get("REWRITE_SQL_PAGE"):
        PAGE.write_text(page.replace(before, now))
        return
    if before != now:
        pytest.fail(HOW_TO_REWRITE)


def test_the_page_loses_nothing_of_the_sql_but_its_white_space(app):
    for title, read in READS.items():
        statement = read()
        values = iter(statement.parameters)
        sent = PLACE.sub(lambda _place, values=values: shown(next(values)), statement.sql.replace('"', ""))
        on_the_page = format_sql(statement.sql, statement.parameters)
        assert "".join(on_the_page.split()) == "".join(sent.split()), title
