"""The reads, and the representations of what they find (contract: exactly these keys, in this order).

The SQL of each read is built once, in create_app(); a row comes as a tuple and becomes a dict by one function per
representation.
"""

import re

from peewee import JOIN, fn

from database import Statement, connected, parameter
from models import MentorStatus, PauseRecord, current_first, is_active

AT = parameter("at")
PAUSE_RECORD_ID = re.compile(r"pause-rec-(\d{4}|[1-9]\d{4,17})", re.ASCII)


# --- representations


def pause_record_id(number):
    """Write a record's number as the API does: `pause-rec-0018`."""
    return f"pause-rec-{number:04}"


def pause_record_number(text):
    """Read `pause-rec-0018` as 18; any other spelling of an id is None."""
    match = PAUSE_RECORD_ID.fullmatch(text)
    return int(match[1]) if match else None


def mentor_status(row, at):
    """Represent a mentor and her current pause, as GET one shows them."""
    mentor_id, last_updated, start_date, expected_return_date, reason = row
    is_paused = start_date is not None and start_date <= at
    return {
        "mentor_id": mentor_id,
        "status": "paused" if is_paused else "active",
        "is_paused": is_paused,
        "pause_start_date": start_date,
        "expected_return_date": expected_return_date,
        "pause_reason": reason,
        "last_updated": last_updated,
    }


def mentor_status_in_list(row, at):
    """Represent a mentor as lists, POST and PUT show her: without the reason."""
    shown = mentor_status(row, at)
    del shown["pause_reason"]
    return shown


def pause_record(row):
    """Represent a pause record, as GET one and POST show it."""
    number, mentor_id, start_date, expected_return_date, end_date, active, reason, created_at = row
    return {
        "pause_record_id": pause_record_id(number),
        "mentor_id": mentor_id,
        "start_date": start_date,
        "expected_return_date": expected_return_date,
        "end_date": end_date,
        "is_active": bool(active),
        "reason": reason,
        "created_at": created_at,
    }


def pause_record_in_list(row):
    """Represent a pause record as lists show it: without the instant it was recorded."""
    shown = pause_record(row)
    del shown["created_at"]
    return shown


# --- statements


def select_mentors():
    """Select every mentor with her current pause, if she has one."""
    own, current = PauseRecord.alias("own"), PauseRecord.alias("current")
    current_id = (
        own.select(own.id)
        .where((own.mentor == MentorStatus.mentor_id) & is_active(own, AT))
        .order_by(*current_first(own, AT))
        .limit(1)
    )
    return MentorStatus.select(
        MentorStatus.mentor_id,
        MentorStatus.last_updated,
        current.start_date,
        current.expected_return_date,
        current.reason,
    ).join(current, JOIN.LEFT_OUTER, on=(current.id == current_id))


def select_pause_records():
    """Select every pause record, with its flag."""
    record = PauseRecord
    return record.select(
        record.id,
        record.mentor,
        record.start_date,
        record.expected_return_date,
        record.end_date,
        is_active(record, AT),
        record.reason,
        record.created_at,
    )


def a_page(query):
    return query.limit(parameter("limit")).offset(parameter("offset"))


GET_MENTOR = Statement(lambda: select_mentors().where(MentorStatus.mentor_id == parameter("mentor_id")))
LIST_MENTORS = Statement(lambda: a_page(select_mentors().order_by(MentorStatus.mentor_id)))
COUNT_MENTORS = Statement(lambda: MentorStatus.select(fn.COUNT(MentorStatus.mentor_id)))
GET_RECORD = Statement(lambda: select_pause_records().where(PauseRecord.id == parameter("number")))
LIST_RECORDS = Statement(lambda: a_page(select_pause_records().order_by(PauseRecord.id)))
COUNT_RECORDS = Statement(lambda: PauseRecord.select(fn.COUNT(PauseRecord.id)))


# --- reads


@connected
def get_mentor_status(mentor_id, at):
    """Return the mentor at the instant, or None."""
    row = GET_MENTOR.run(mentor_id=mentor_id, at=at).fetchone()
    return row and mentor_status(row, at)


@connected
def list_mentor_statuses(page, at):
    """Return one page of mentors by id, and how many there are."""
    rows = LIST_MENTORS.run(at=at, limit=page.limit, offset=page.offset).fetchall()
    (total,) = COUNT_MENTORS.run().fetchone()
    return [mentor_status_in_list(row, at) for row in rows], total


@connected
def get_pause_record(record_id, at):
    """Return the pause record at the instant, or None."""
    number = pause_record_number(record_id)
    row = number and GET_RECORD.run(number=number, at=at).fetchone()
    return row and pause_record(row)


@connected
def list_pause_records(page, at):
    """Return one page of pause records by number, and how many there are."""
    rows = LIST_RECORDS.run(at=at, limit=page.limit, offset=page.offset).fetchall()
    (total,) = COUNT_RECORDS.run().fetchone()
    return [pause_record_in_list(row) for row in rows], total
