"""Bodies and queries, as marshmallow schemas.

They refuse what is wrong whatever the clock says and the database holds. rules.py refuses the rest.
"""

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validates_schema

from db.paging import USUAL_LIMIT, Page
from mentors.fields import (
    Choice,
    Flag,
    Matching,
    MentorId,
    MentorIds,
    Metadata,
    QueryFlag,
    Text,
    TextList,
    Timestamp,
    WholeNumber,
)
from mentors.formats import MENTOR_ID, PAUSE_RECORD_ID
from mentors.pauses import BEFORE_START, PHASES, STATUSES
from models import EVENTS

# --- bodies


class Strict(Schema):
    """A schema that refuses an unknown field, and names the known ones."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        known = ", ".join(field.data_key or name for name, field in self.load_fields.items())
        or_use = f", or use one of: {known}" if known else ""
        self.error_messages["unknown"] = f"It is unknown here; leave it out{or_use}."
        self.error_messages["type"] = "It must be a JSON object, in braces."

    def on_bind_field(self, field_name, field_obj):
        or_leave_out = "" if field_obj.required else ", or leave it out"
        field_obj.error_messages["required"] = "It is required; send it."
        field_obj.error_messages["null"] = f"It must not be null; send a value{or_leave_out}."


class Body(Strict):
    """A body. Read-only fields are ignored, so a client may send back what GET returned."""

    @pre_load
    def ignore_read_only(self, sent, **kwargs):
        if not isinstance(sent, dict):
            return sent
        read_only = self.fields.keys() - self.load_fields.keys()
        return {name: value for name, value in sent.items() if name not in read_only}


def refuse_wrong_order(earlier, later, sent):
    """Refuse the date `later` if the body has both dates and `later` is before `earlier`."""
    if sent.get(later) and sent.get(earlier) and sent[later] < sent[earlier]:
        raise ValidationError({later: [BEFORE_START.format(earlier, f", or change {earlier}")]})


class MentorStatusUpdate(Body):
    """The body of PUT mentor: each field is optional."""

    mentor_id = MentorId(dump_only=True)
    status = Choice("Status", STATUSES)
    is_paused = Flag()
    pause_start_date = Timestamp(allow_none=True)
    expected_return_date = Timestamp(allow_none=True)
    pause_reason = Text(allow_none=True)
    metadata = Metadata(allow_none=True)
    last_updated = Timestamp(dump_only=True)

    @validates_schema
    def check_agreement(self, sent, **kwargs):
        if "status" in sent and "is_paused" in sent and (sent["status"] == "paused") != sent["is_paused"]:
            refusal = ["status and is_paused contradict each other; change one, or leave one out."]
            raise ValidationError({"status": refusal, "is_paused": refusal})
        refuse_wrong_order("pause_start_date", "expected_return_date", sent)

    @post_load
    def merge_flags(self, sent, **kwargs):
        """Replace `status` and `is_paused` by one flag, `paused`, if either was sent."""
        if "is_paused" in sent or "status" in sent:
            is_paused = sent.pop("is_paused", None)
            status = sent.pop("status", None)
            sent["paused"] = is_paused or status == "paused"
        return sent


class MentorStatusCreate(MentorStatusUpdate):
    """The body of POST mentor."""

    mentor_id = MentorId(required=True)

    @validates_schema
    def check_pause_data(self, sent, **kwargs):
        if sent.get("is_paused") or sent.get("status") == "paused" or sent.get("pause_start_date"):
            return
        refusal = "An active mentor has no pause to which it belongs; send status paused with it, or leave it out."
        if errors := {name: [refusal] for name in ("expected_return_date", "pause_reason") if sent.get(name)}:
            raise ValidationError(errors)


class PauseRecordUpdate(Body):
    """The body of PUT pause record: each field is optional."""

    pause_record_id = fields.String(dump_only=True)
    mentor_id = MentorId(allow_none=True)
    start_date = Timestamp()
    expected_return_date = Timestamp(allow_none=True)
    end_date = Timestamp(allow_none=True)
    is_active = Flag()
    reason = Text(allow_none=True)
    metadata = Metadata(allow_none=True)
    created_at = Timestamp(dump_only=True)

    @validates_schema
    def check_dates(self, sent, **kwargs):
        refuse_wrong_order("start_date", "expected_return_date", sent)
        refuse_wrong_order("start_date", "end_date", sent)
        if sent.get("is_active") and sent.get("end_date") and sent["end_date"] == sent.get("start_date"):
            refusal = "It equals start_date, but is_active is true; send a later end_date, or leave is_active out."
            raise ValidationError({"end_date": [refusal]})


class PauseRecordCreate(PauseRecordUpdate):
    """The body of POST pause record."""

    mentor_id = MentorId(required=True)
    start_date = Timestamp(required=True)
    is_active = Flag(allow_none=True)
    reason = Text(required=True)

    @validates_schema
    def check_end(self, sent, **kwargs):
        if sent.get("is_active") is False and not sent.get("end_date"):
            refusal = "It is required if is_active is false; send the end of the pause, or leave is_active out."
            raise ValidationError({"end_date": [refusal]})

    @post_load
    def drop_nulls(self, sent, **kwargs):
        """Drop each null: it means the same as a field that was not sent."""
        return {name: value for name, value in sent.items() if value is not None}


HISTORY_KEY = "[1-9][0-9]{0,17}"  # the id of an entry


class UndoBody(Body):
    """The body of an undo: the entries to take back."""

    history_entry_ids = TextList(
        HISTORY_KEY, 1000, "the id of an entry, in quotes: 1 to 18 digits, no 0 at the beginning", required=True
    )
    metadata = Metadata(allow_none=True)


# --- queries


def after_key(pattern, limits=" Not with `page` or `sort`."):
    """Return the parameter `after` of a list whose keys match the pattern."""
    error = "It must be the value of pagination.next in the page before, or empty to begin."
    text = f"Walk the list by key: empty to begin, then the value of `pagination.next`.{limits}"
    return Matching(f"(?:{pattern})?", error, description=text)


def sort_by(component, *names):
    """Return the parameter `sort` of a list that can be ordered by these names."""
    words = [sign + name for name in names for sign in ("", "-")]
    return Choice(component, words, description="The order; `-` for descending, nulls last, ties by id.")


def refuse_empty_window(first, end, sent):
    """Refuse the instant `end` if the query has both, and it is not later than `first`."""
    if first in sent and end in sent and sent[end] <= sent[first]:
        raise ValidationError({end: [f"It must be later than {first}; change one of the two."]})


class AtQuery(Strict):
    """The instant of a read."""

    as_of = Timestamp(description="Read as of this instant, in the past or ahead, instead of now.")
    expected = QueryFlag(load_default=False, description="Read an open pause as ending on its expected_return_date.")


class WindowQuery(Strict):
    """A query whose `from` and `to` are a window."""

    @validates_schema
    def check_window(self, sent, **kwargs):
        refuse_empty_window("from", "to", sent)


class PageQuery(Strict):
    """Which page of a list: a counted page by its number, or a keyset page by `after`."""

    page = WholeNumber(1, 999_999_999, description="Which page, from 1.")
    limit = WholeNumber(1, 1000, load_default=USUAL_LIMIT, description="The size of a page.")

    @validates_schema
    def check_after(self, sent, **kwargs):
        if "after" in sent:
            refusal = ["It cannot be sent with after; leave one of the two out."]
            if errors := {name: refusal for name in ("page", "sort") if name in sent}:
                raise ValidationError(errors)

    @post_load
    def make_page(self, sent, **kwargs):
        sent["page"] = Page(sent.pop("page", 1), sent.pop("limit"), sent.pop("after", None))
        return sent


class EtagsQuery(AtQuery):
    """A query of a list that can show the ETag of GET one beside each item: that of now, so not of another instant."""

    etags = QueryFlag(
        load_default=False,
        description="Show the `ETag` of GET one with each item, in its quotes, for `If-Match` of a write. Not with "
        "`as_of` or `expected`.",
    )

    @validates_schema
    def check_etags(self, sent, **kwargs):
        if sent["etags"] and ("as_of" in sent or sent["expected"]):
            name = "as_of" if "as_of" in sent else "expected"
            raise ValidationError({"etags": [f"It cannot be sent with {name}; leave one of the two out."]})


PART_OF_MENTOR_ID = Matching(
    "[A-Za-z0-9._~:@-]{1,64}",
    "It must be 1 to 64 of the characters that an id may have: A-Z a-z 0-9 . _ ~ : @ -",
    description="Mentors whose id has this text somewhere in it, in whatever case.",
)


class MentorStatusesFilters(AtQuery):
    status = Choice("Status", STATUSES, description="The status at the instant of the read.")
    mentor_id = MentorIds()
    mentor_id_contains = PART_OF_MENTOR_ID


class MentorStatusesQuery(MentorStatusesFilters, EtagsQuery, PageQuery):
    limit = WholeNumber(
        1,
        1000,
        description=f"The size of a page: {USUAL_LIMIT} by default, but with `mentor_id` at least the number of ids.",
    )
    after = after_key(MENTOR_ID.pattern)
    sort = sort_by("MentorStatusSort", "mentor_id", "last_updated")

    @post_load
    def make_page(self, sent, **kwargs):
        """Without a limit, have room on the page for every mentor that `mentor_id` names."""
        sent.setdefault("limit", max(USUAL_LIMIT, len(set(sent.get("mentor_id", ())))))
        return super().make_page(sent)


class PauseRecordsFilters(AtQuery, WindowQuery):
    mentor_id = MentorIds()
    mentor_id_contains = PART_OF_MENTOR_ID
    is_active = QueryFlag(description="Not ended (true), or ended (false).")
    reason = Text(description="This reason, to the letter.")
    phase = Choice(
        "Phase",
        tuple(PHASES),
        description="`current` is in force. It includes `overdue` (open, and the day of its return date is over) "
        "and `undated` (open, without a return date).",
    )
    from_ = Timestamp(data_key="from", attribute="from", description="Overlapping the time from this instant on.")
    to = Timestamp(description="Overlapping the time before this instant; it is after `from`.")
    due_within_days = WholeNumber(
        0,
        3650,
        description="Not ended, and expected back on the day of the read, or so many days after it, or earlier.",
    )


class PauseRecordsQuery(PauseRecordsFilters, EtagsQuery, PageQuery):
    after = after_key(PAUSE_RECORD_ID.pattern)
    sort = sort_by("PauseRecordSort", "pause_record_id", "start_date", "expected_return_date", "end_date", "created_at")


HISTORY_LIMIT = WholeNumber(1, 100, load_default=20, description="The size of a page.")  # an entry may hold 16 KiB


class HistoryQuery(PageQuery):
    limit = HISTORY_LIMIT
    after = after_key(HISTORY_KEY, " Not with `page`.")


class HistoryOfEverybodyQuery(Strict):
    mentor_id = MentorIds()
    changed_by = Matching(
        r"[^\x00]*",
        "It must not have a NUL character; leave the character out.",
        description="Written by this name, to the letter: that of a token, else `initiated_by`.",
    )
    event = Choice("Event", EVENTS, description="The event of the entry.")
    since = Timestamp(description="Written at this instant or later.")
    until = Timestamp(description="Written before this instant; it is later than `since`.")
    limit = HISTORY_LIMIT
    after = after_key(HISTORY_KEY, limits="")

    @validates_schema
    def check_time(self, sent, **kwargs):
        refuse_empty_window("since", "until", sent)

    @post_load
    def make_page(self, sent, **kwargs):
        sent["page"] = Page(limit=sent.pop("limit"), after=sent.pop("after", ""))
        return sent


class DeleteQuery(Strict):
    initiated_by = Text(description="Who deletes it; the history keeps the name in the metadata of the entry.")

    @post_load
    def make_metadata(self, sent, **kwargs):
        """Put the name where a body has it: into the metadata."""
        return {"metadata": sent or None}


class DeleteMentorQuery(DeleteQuery):
    erase = QueryFlag(
        load_default=False,
        description="Erase the mentor's history, too (the right to be forgotten); also after the mentor was deleted. "
        "With the header `If-None-Match: *`, only after that. A token of the role `write` may not erase.",
    )

    @validates_schema
    def check_initiated_by(self, sent, **kwargs):
        if sent["erase"] and "initiated_by" in sent:
            raise ValidationError({"initiated_by": ["Nothing is kept of an erasure; leave it out."]})

    @post_load
    def make_metadata(self, sent, **kwargs):
        erase = sent.pop("erase")
        return super().make_metadata(sent) | {"erase": erase}
