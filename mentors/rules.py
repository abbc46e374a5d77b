"""The rules of writing, numbered as in docs/rules.md: one function per rule, applied to a Mentor in memory.

A rule asks no database: writes.py, or features/tables/upload.py, loads the mentor before, and saves them after. The
rules of deleting (5 and 6) are in writes.py; rule 7, the order of dates, is pauses.Pause.refuse_dates.

`sent` is a body as its schema loaded it; `paused` is its `status` and `is_paused`, as one flag. `data` is what the body
of a mentor says of the pause, besides its start: a dict by the columns of the pause record.

A write may both conflict with another pause of the mentor (409) and have a wrong date (422). Then the answer is the
409, since it names the record that the client has to look at first. So refuse_same() stands before each 422 about the
dates of a pause.
"""

from mentors.formats import pause_record_id
from mentors.pauses import DATES_AND_REASON, NO_PAUSE
from mentors.problems import Conflict, invalid, text_of_unknown_mentor

NOT_PAUSED = (
    "It is not in the future, so the mentor would be paused already; "
    "send status paused with it, send a future date, or leave it out."
)
NO_SUCH_START = (
    "It is neither in the future nor the start of the pause shown; "
    "leave it out to bring the mentor back, or send a future date to schedule a pause."
)
NO_PAUSE_FOR_IT = "The mentor would have no pause to which it belongs; send status paused with it, or leave it out."
CONTRADICTION = (
    "It has passed or equals start_date, but is_active is true; "
    "send a later end_date, or leave end_date or is_active out."
)
SAME = "this mentor_id, start_date and reason"
REOPENS = "with is_active true reopens it, or send another start_date or reason"
# What a mentor's body may say of the pause (rule 2), besides its start: the name of the field, by the column.
BODY_NAME_BY_COLUMN = {"expected_return_date": "expected_return_date", "reason": "pause_reason"}


# --- mentor statuses


def post_mentor(mentor, sent):
    """Fill a new mentor, with the pause that the body describes (rule 1).

    422 if its start has passed, and the body does not say paused.
    """
    start = sent.get("pause_start_date")
    paused = sent.get("paused")
    if start and start <= mentor.now and not paused:
        raise invalid({"pause_start_date": [NOT_PAUSED]})
    mentor.exists = True
    if start or paused:
        mentor.open_pause(start or mentor.now, pause_data(sent))


def put_mentor(mentor, sent):
    """Change a mentor's status and their pause (rule 2 and its four cases). Fields left out keep their values."""
    start = sent.get("pause_start_date")
    paused = sent.get("paused")
    data = pause_data(sent)
    if paused or (paused is None and mentor.pauses_in_force()):  # case 1
        keep_paused(mentor, start, data)
    elif start and start > mentor.now:  # case 2
        end_pauses(mentor)  # those of `active`; if no status was sent, no pause is in force (case 1)
        update_or_open_pause(mentor, start, data)
    elif paused is False:  # case 3
        make_active(mentor, start, data)
    else:  # case 4
        update_scheduled_pause(mentor, start, data)


# --- what PUT mentor does to the pauses


def pause_data(sent):
    """Return what a mentor's body says of the pause, without its start, by the columns of the pause record."""
    return {column: sent[name] for column, name in BODY_NAME_BY_COLUMN.items() if name in sent}


def keep_paused(mentor, start, data):
    """Update the pause with this start, or open one; without a start, the pause in force, or open one from now."""
    if start:
        update_or_open_pause(mentor, start, data)
    elif mentor.pauses_in_force():
        update_pause_shown(mentor, data)
    else:
        open_or_reopen_pause_now(mentor, data)


def open_or_reopen_pause_now(mentor, data):
    """Open a pause from now, for a mentor without one in force.

    If a pause with this reason has begun in this very second and was ended in it, that one is reopened: a second one
    with its start and reason would be a 409.
    """
    ended_just_now = mentor.find_by_start_and_reason(mentor.now, data.get("reason"))
    if ended_just_now:
        values = {"end_date": None, "expected_return_date": data.get("expected_return_date")}
        mentor.change_pause(ended_just_now, values)
    else:
        mentor.open_pause(mentor.now, data)


def update_or_open_pause(mentor, start, data):
    """Update the un-ended pause with this start (of several, the one that ends last), or open one."""
    pause = mentor.un_ended_pause(start)
    if pause:
        update_un_ended_pause(mentor, pause, data)
        refuse_another_pause(pause, mentor.un_ended_pause(start))
    else:
        mentor.open_pause(start, data)


def update_pause_shown(mentor, data):
    """Update the pause shown, of a mentor who has one."""
    pause = mentor.pause_shown()
    update_un_ended_pause(mentor, pause, data)
    refuse_another_pause(pause, mentor.pause_shown())


def refuse_another_pause(pause, shown_now):
    """Refuse (422) data that makes another pause the one shown: the same write, sent again, would change that one."""
    if shown_now.number != pause.number:
        changed_id, shown_id = pause_record_id(pause.number), pause_record_id(shown_now.number)
        refusal = (
            f"With this date {shown_id} would be the pause shown, and the same PUT sent again would change "
            f"{shown_id}; send the date in a PUT to /api/v1/pause-records/{changed_id}."
        )
        raise invalid({"expected_return_date": [refusal]})


def update_un_ended_pause(mentor, pause, data):
    """Change the return date and the reason of a pause that has not ended.

    If the pause has an end, the mentor is back then: 422 on any other return date.
    """
    if pause.end_date is not None and "expected_return_date" in data:
        data = data.copy()
        expected_return_date = data.pop("expected_return_date")
        mentor.refuse_same(pause._replace(**data))
        if expected_return_date != pause.end_date:
            path = f"/api/v1/pause-records/{pause_record_id(pause.number)}"
            refusal = f"The pause ends by itself at its end_date, {pause.end_date}; PUT another end_date to {path}."
            raise invalid({"expected_return_date": [refusal]})
    mentor.change_pause(pause, data)


def update_scheduled_pause(mentor, start, data):
    """Put the data on the scheduled pause.

    422 if a start is sent: it has passed. 422 if there is data, but no scheduled pause; nulls are fine, since GET shows
    them then.
    """
    if start:
        raise invalid({"pause_start_date": [NOT_PAUSED]})
    if mentor.pause_shown():
        update_pause_shown(mentor, data)
    else:
        refuse_data_not_shown(data, None)


def make_active(mentor, start, data):
    """End every pause in force, and leave the scheduled ones (rule 2, case 3). A start that is sent has passed."""
    shown = mentor.pause_shown()
    if mentor.pauses_in_force():
        if start and start != shown.start_date:
            raise invalid({"pause_start_date": [NO_SUCH_START]})
        refuse_data_not_shown(data, shown)
        # Nulls alone may be an echo: a client that read the mentor while active sends the nulls that it was shown.
        # Only with the start does a client mean this pause, and then a null clears.
        cleared = {name: None for name, value in data.items() if value is None} if start else {}
        end_pauses(mentor, {shown.number: cleared})
    elif not repeats_last_end(mentor, start, data):
        if start:
            raise invalid({"pause_start_date": [NOT_PAUSED]})
        refuse_data_not_shown(data, shown)


def end_pauses(mentor, more_values=None):
    """End, now, every pause in force. `more_values` has, by number, more columns to change.

    An example: a pause ends by itself on 1 May, which GET shows as its return date. On 10 March, a PUT of active with
    this date ends the pause: its end is now 10 March. The end that was ahead, 1 May, becomes its return date. By that,
    repeats_last_end() recognises the same PUT, sent again.
    """
    more_values = more_values or {}
    for pause in mentor.pauses_in_force():
        values = {"end_date": mentor.now, "expected_return_date": pause.expected_return}
        mentor.change_pause(pause, values | more_values.get(pause.number, {}))


def repeats_last_end(mentor, start, data):
    """Say whether the fields sent are those of the pause that ended last: then the same PUT is sent again.

    Several pauses may have ended last, at the same instant. Without a start, nulls say nothing, as in make_active().
    """
    compared = data if start else {name: value for name, value in data.items() if value}
    for pause in mentor.pauses_ended_last():
        # The return date is the recorded one, or the end, which GET showed as such until the pause ended by itself.
        accepted = {"expected_return_date": {pause.expected_return_date, pause.end_date}, "reason": {pause.reason}}
        is_its_start = start in (None, pause.start_date)
        if is_its_start and all(value in accepted[name] for name, value in compared.items()):
            return True
    return False


def refuse_data_not_shown(data, pause):
    """Refuse (422) pause data that differs from the pause that GET shows (None: it shows none); nulls are fine."""
    shown = data_shown(pause)
    not_shown = [BODY_NAME_BY_COLUMN[column] for column, value in data.items() if value and value != shown[column]]
    if not_shown:
        raise invalid({name: [NO_PAUSE_FOR_IT] for name in not_shown})


def data_shown(pause):
    """Return the pause data that GET shows of a pause (None: it shows none), by the columns of the pause record."""
    shown = pause or NO_PAUSE
    return {"expected_return_date": shown.expected_return, "reason": shown.reason}


# --- pause records


def post_pause_record(mentor, sent):
    """Record a pause, unless it is there already: a repeat is not a second pause (rule 3).

    422 if no mentor has this id.
    """
    if not mentor.exists:
        raise invalid({"mentor_id": [text_of_unknown_mentor(mentor.mentor_id)]})
    start_date, reason = sent["start_date"], sent["reason"]
    same = mentor.find_by_start_and_reason(start_date, reason)
    if same:
        name = same.name_of_difference(sent, mentor.now)
        if name == "is_active":
            raise Conflict(same, f"{SAME}, but that pause has ended", REOPENS)
        if name:
            raise Conflict(same, f"{SAME}, but another {name}")
        return
    end_date = sent.get("end_date")
    if sent.get("is_active") and end_date and end_date <= mentor.now:  # one at start_date is refused by the schema
        raise invalid({"end_date": [CONTRADICTION]})
    mentor.open_pause(start_date, sent)


def put_pause_record(mentor, pause, sent):
    """Close, reopen or change a pause of a mentor (rule 4). Fields that the body leaves out keep their values."""
    changed = pause._replace(**{name: sent[name] for name in DATES_AND_REASON if name in sent})
    changed = changed._replace(end_date=pause.requested_end(changed.start_date, sent, mentor.now))
    mentor.refuse_same(changed)
    if sent.get("mentor_id") not in (None, mentor.mentor_id):
        belongs = f"It cannot change; this pause record belongs to '{mentor.mentor_id}'. Leave it out."
        raise invalid({"mentor_id": [belongs]})
    if sent.get("is_active") and changed.has_ended(mentor.now):
        raise invalid({"end_date": [CONTRADICTION]})
    mentor.change_pause(pause, changed._asdict())
