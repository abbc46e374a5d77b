"""Who changed what, and when: the history of one mentor, and that of everybody; the newest entries come first.

An entry is one write; an undo has one for each entry that it takes back. Both histories are in the descending order of
ids. In that of one mentor this is also the order of the instants. In that of everybody the instants may differ by some
seconds, since clients that write at once may get their ids in another order.
"""

from bisect import bisect_right
from itertools import accumulate

from peewee import Case, fn

from db import db, paging, parameter, statement
from db.paging import KEY, USUAL_LIMIT, FetchedPage
from mentors.problems import Problem
from models import HistoryEntry, fields_of
from reads import filters
from reads.mentor_statuses import get_mentor_status
from reads.serializers import ENTRY_OF_EVERYBODY, HISTORY_ENTRY

ABOVE_ANY_ID = 2**62
MOST_BYTES = 4 * 2**20  # of the stored texts of a page; in memory they take some eight times as much
SMALL_TEXT = 25_000  # bytes: a hundred such texts, and the metadata of their entries, are never more than MOST_BYTES
TOO_LARGE = "The entries of this page are too large together; read the history with after, or send a smaller limit."


# --- of one mentor


def list_of_mentor(mentor_id, page):
    """Return one page of a mentor's history; raises the 404 if there is neither a history nor the mentor."""
    if page.is_keyset:
        listed = fetch_keyset_page(
            keyset_page_of_mentor_statement(page.limit), {"mentor_id": mentor_id}, page, HISTORY_ENTRY
        )
    else:
        with paging.slow_read_if(may_read_many=False, page=page):
            entries = counted_page_of_mentor_statement(page.limit, page.is_first)
            fetched = paging.fetch_counted_page(entries, {"mentor_id": mentor_id}, page)
        if len(rows_that_fit(fetched.rows, HISTORY_ENTRY)) < len(fetched.rows):
            raise Problem(413, "too_large", TOO_LARGE)
        listed = fetched._replace(rows=represent(fetched.rows, HISTORY_ENTRY))
    if not (listed.rows or any_entry_statement().rows(mentor_id=mentor_id)):
        get_mentor_status(mentor_id, None, False)  # raises the 404 unless the mentor exists
    return listed


@statement
def counted_page_of_mentor_statement(limit=USUAL_LIMIT, is_first=True):
    of_mentor = HistoryEntry.mentor_id == parameter("mentor_id")
    total = filters.count_of_all(HistoryEntry).where(of_mentor).alias("total")
    return paging.cut(select_entries(HISTORY_ENTRY, total).where(of_mentor), limit, is_first)


@statement
def keyset_page_of_mentor_statement(limit=USUAL_LIMIT):
    entries = select_entries(HISTORY_ENTRY)
    entries = entries.where(HistoryEntry.mentor_id == parameter("mentor_id"), HistoryEntry.id < KEY)
    return paging.cut_with_one_more(entries, limit)


@statement
def any_entry_statement():
    return HistoryEntry.select(HistoryEntry.id).where(HistoryEntry.mentor_id == parameter("mentor_id")).limit(1)


# --- of everybody

FILTERS = {
    "mentor_id": lambda _sql, ids: db.dialect.is_in_list(HistoryEntry.mentor_id, ids),
    "changed_by": lambda _sql, name: HistoryEntry.changed_by == name,
    "event": lambda _sql, event: HistoryEntry.event == event,
    "since": lambda _sql, since: HistoryEntry.changed_at >= since,
    "until": lambda _sql, until: HistoryEntry.changed_at < until,
}


def list_of_everybody(query):
    """Return the keyset page of the history of everybody that a query asks for. With any filter it is a slow read."""
    page = query["page"]
    values = filters.values_of(query, FILTERS)
    with paging.slow_read_if(bool(values), page):
        entries = keyset_page_of_everybody_statement(filters.filters_of(values), page.limit)
        return fetch_keyset_page(entries, values, page, ENTRY_OF_EVERYBODY)


@statement
def keyset_page_of_everybody_statement(chosen=(), limit=USUAL_LIMIT):
    entries = select_entries(ENTRY_OF_EVERYBODY).where(HistoryEntry.id < KEY)
    entries = filters.apply_filters(entries, FILTERS, chosen, pause_sql=None)
    return paging.cut_with_one_more(entries, limit)


# --- of both


def select_entries(serializer, *more_columns):
    """Select the entries with the columns of a serializer, newest first; the texts of large ones are null."""
    text_size = fn.OCTET_LENGTH(HistoryEntry.pause_records)
    more = {
        "history_entry_id": HistoryEntry.id,
        "status": HistoryEntry.is_paused,
        "pause_records": Case(None, [(text_size <= SMALL_TEXT, HistoryEntry.pause_records)]),
        "size": text_size + fn.COALESCE(fn.OCTET_LENGTH(HistoryEntry.metadata), 0),
    }
    columns = serializer.columns(fields_of(HistoryEntry) | more)
    return HistoryEntry.select(*columns, *more_columns).order_by(HistoryEntry.id.desc())


def fetch_keyset_page(entries, values, page, serializer):
    """Return the page of the entries before the one whose id is the key."""
    rows = entries.rows(**values, key=int(page.after or ABOVE_ANY_ID))
    fitting = rows_that_fit(rows[: page.limit], serializer)
    next_key = str(fitting[-1][0]) if len(fitting) < len(rows) else None
    return FetchedPage(represent(fitting, serializer), next_key=next_key)


def rows_that_fit(rows, serializer):
    """Return the first rows whose entries have at most MOST_BYTES together, at least one."""
    size_column = serializer.names.index("size")
    sizes = [row[size_column] for row in rows]
    if sum(sizes) <= MOST_BYTES:
        return rows
    return rows[: max(1, bisect_right(list(accumulate(sizes)), MOST_BYTES))]


def represent(rows, serializer):
    """Represent entries; read the texts that their statement has left out."""
    text_column = serializer.names.index("pause_records")
    left_out = [row[0] for row in rows if row[text_column] is None]
    if left_out:
        texts = dict(texts_of_entries_statement().rows(entry_ids=db.dialect.list_parameter(left_out)))
        rows = [list(row) for row in rows]
        for row in rows:
            row[text_column] = row[text_column] or texts.get(row[0])
        rows = [row for row in rows if row[text_column]]  # without those that were erased since
    return serializer.represent(rows)


@statement
def texts_of_entries_statement():
    """Select the ids and the pause records of entries."""
    is_one = db.dialect.is_in_list(HistoryEntry.id, parameter("entry_ids"))
    return HistoryEntry.select(HistoryEntry.id, HistoryEntry.pause_records).where(is_one)
