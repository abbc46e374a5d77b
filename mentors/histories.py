"""Who changed what, and when: the history of one mentor, and that of everybody; the newest entries come first.

An entry is one write. A mentor's entries are in the order of their ids, which is also that of their instants. Those of
everybody are in the order of `changed_at`, then of `id`: clients that write at once may get their ids in another order.
"""

from datetime import UTC, datetime

from peewee import JOIN, SQL, Join, Select, Tuple, fn

from db import db, pages, parameter, statement
from db.pages import AFTER, LIMIT, OFFSET, counted_page
from mentors import queries
from mentors.formats import instant
from mentors.pauses import LAST_INSTANT
from mentors.serializers import ENTRY_OF_EVERYBODY, HISTORY_ENTRY
from models import EVENTS, HistoryEntry, columns_of

ABOVE_ANY_ID = 2**62
EMPTY_TEXT = SQL("''")
FIRST_INSTANT = "1970-01-01T00:00:00Z"  # no entry is before it


def expressions(entry):
    """Return the expressions of the keys of an entry, by name; `entry` is the table, or an alias of it."""
    return {name: getattr(entry, name) for name in columns_of(HistoryEntry)} | {"status": entry.is_paused}


# --- of one mentor


def history_of_mentor():
    """Select a mentor's history."""
    columns = HISTORY_ENTRY.columns(expressions(HistoryEntry))
    of_mentor = HistoryEntry.select(*columns).where(HistoryEntry.mentor_id == parameter("mentor_id"))
    return of_mentor.order_by(HistoryEntry.id.desc()).limit(LIMIT)


@statement
def keyset_page_of_mentor():
    return history_of_mentor().where(HistoryEntry.id < AFTER)


@statement
def page_of_mentor():
    total = queries.count_of_all(HistoryEntry).where(HistoryEntry.mentor_id == parameter("mentor_id"))
    return counted_page(total, history_of_mentor().offset(OFFSET), HISTORY_ENTRY)


@statement
def any_entry():
    return HistoryEntry.select(HistoryEntry.id).where(HistoryEntry.mentor_id == parameter("mentor_id")).limit(1)


def list_of_mentor(mentor_id, page):
    """Return one page of a mentor's history; raises the 404 if there is neither a history nor the mentor."""
    if page.is_keyset:
        values = {"mentor_id": mentor_id, "after": int(page.after or ABOVE_ANY_ID)}
        listed = pages.fetch_keyset_page(
            keyset_page_of_mentor(), HISTORY_ENTRY, page, lambda row: str(row["id"]), **values
        )
    else:
        with pages.slow_read_if(False, page):
            listed = pages.fetch_page(page_of_mentor(), HISTORY_ENTRY, page, mentor_id=mentor_id)
    if not (listed.data or any_entry().rows(mentor_id=mentor_id)):
        queries.get_mentor_status(mentor_id, None, False)  # raises the 404 unless the mentor exists
    return listed


# --- of everybody


@statement
def keyset_page_of_everybody(filters=(), is_usual=False):
    """Select the newest entries that some filters find; `filters` are their names, without those of the time.

    The list `keys` has the mentors who are asked for, or else the events. An index has the entries of each key in the
    order of time. The newest of each key are read from it, and of these the newest are taken, so the database looks at
    few entries of a large history. If it is asked for mentors, it looks at most at all index entries of these mentors.
    """
    entry, each = HistoryEntry.alias("entry"), HistoryEntry.alias("each")
    keys = db.dialect.list_rows(parameter("keys")).alias("asked")
    is_of_mentors = "mentor_id" in filters
    if is_of_mentors:
        key = each.mentor_id
        # These two expressions are in the index of mentors and in no other, so each planner takes this index.
        event = each.event.concat(EMPTY_TEXT)
        changed_by = each.changed_by.concat(EMPTY_TEXT)
    else:
        key = event = each.event
        changed_by = each.changed_by
    conditions = [
        key == keys.c.value,
        each.changed_at >= parameter("since"),
        # One comparison of two columns, so that a search in the index begins there.
        Tuple(each.changed_at, each.id) < Tuple(parameter("before"), parameter("before_id")),
    ]
    if is_of_mentors and "event" in filters:
        conditions.append(event == parameter("event"))
    if "changed_by" in filters:
        conditions.append(indexed_part(changed_by) == indexed_part(parameter("changed_by")))
        conditions.append(changed_by == parameter("changed_by"))
    newest = each.select(each.id).where(*conditions).order_by(each.changed_at.desc(), each.id.desc())
    newest = pages.cut_after_key(newest, is_usual)
    if db.dialect.has_lateral:
        newest = newest.alias("newest")
        found = Join(Join(keys, newest, JOIN.LATERAL, SQL("TRUE")), entry, JOIN.INNER, entry.id == newest.c.id)
    else:
        found = Join(keys, entry, JOIN.CROSS, entry.id.in_(newest))  # CROSS: SQLite keeps the order of the two
    entries = Select([found], ENTRY_OF_EVERYBODY.columns(expressions(entry))).bind(db)
    return pages.cut_after_key(entries.order_by(entry.changed_at.desc(), entry.id.desc()), is_usual)


def indexed_part(text):
    """Return the part of a text that an index has: Postgres refuses index entries of more than 2,704 bytes."""
    return fn.SUBSTR(text, SQL("1"), SQL("200"))


def list_of_everybody(query):
    """Return the keyset page of the history of everybody that a query asks for.

    It is a slow read if it is filtered by more than the time.
    """
    page = query["page"]
    filters = {name: query[name] for name in ("changed_by", "event", "mentor_id") if name in query}
    events = [query["event"]] if "event" in query else EVENTS
    keys = query.get("mentor_id", events)
    until = query.get("until", LAST_INSTANT), 0  # no id is below 0: the entries of this instant are excluded
    before, before_id = min(until, instant_and_id(page.after))  # the earlier one
    values = {"since": query.get("since", FIRST_INSTANT), "before": before, "before_id": before_id} | filters
    values["keys"] = db.dialect.list_value(list(dict.fromkeys(keys)))
    with pages.slow_read_if(filters, page):
        entries = keyset_page_of_everybody(tuple(filters), page.is_usual)
        return pages.fetch_keyset_page(entries, ENTRY_OF_EVERYBODY, page, key_of_row, **values)


def key_of_row(row):
    """Return the key of an entry in the history of everybody: its instant in seconds since 1970, and its id."""
    return f"{datetime.fromisoformat(row['changed_at']).timestamp():.0f}-{row['id']}"


def instant_and_id(key):
    """Return the instant and the id in such a key; for the empty key, an instant after every entry."""
    if not key:
        return LAST_INSTANT, 0
    seconds, entry_id = map(int, key.split("-"))
    return instant(datetime.fromtimestamp(seconds, UTC)), entry_id
