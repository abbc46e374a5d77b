"""Who changed what, and when: the history of one mentor, and that of everybody; the newest entries come first.

An entry is one write; an undo has one for each entry that it takes back. Both histories are in the descending order of
ids. In that of one mentor this is also the order of the instants. In that of everybody the instants may differ by some
seconds, since clients that write at once may get their ids in another order.
"""

from db import counted_pages, paging, parameter, statement
from db.paging import KEY, USUAL_LIMIT
from models import HistoryEntry, columns_of
from reads import filters, lists
from reads.serializers import ENTRY_OF_EVERYBODY, HISTORY_ENTRY

ABOVE_ANY_ID = 2**62


# --- of one mentor


def list_of_mentor(mentor_id, page):
    """Return one page of a mentor's history; raises the 404 if there is neither a history nor the mentor."""
    if page.is_keyset:
        listed = fetch_keyset_page(keyset_page_of_mentor(page.limit), {"mentor_id": mentor_id}, page, HISTORY_ENTRY)
    else:
        with paging.slow_read_if(may_read_many=False, page=page):
            found = page_of_mentor(page.limit, page.is_first)
            listed = counted_pages.fetch_page(found, {"mentor_id": mentor_id}, page, HISTORY_ENTRY)
    if not (listed.data or any_entry().rows(mentor_id=mentor_id)):
        lists.get_mentor_status(mentor_id, None, False)  # raises the 404 unless the mentor exists
    return listed


@statement
def page_of_mentor(limit=USUAL_LIMIT, is_first=True):
    of_mentor = HistoryEntry.mentor_id == parameter("mentor_id")
    total = lists.count_of_all(HistoryEntry).where(of_mentor).alias("total")
    return counted_pages.cut(entries(HISTORY_ENTRY, total).where(of_mentor), limit, is_first)


@statement
def keyset_page_of_mentor(limit=USUAL_LIMIT):
    found = entries(HISTORY_ENTRY).where(HistoryEntry.mentor_id == parameter("mentor_id"), HistoryEntry.id < KEY)
    return paging.cut_after_key(found, limit)


@statement
def any_entry():
    return HistoryEntry.select(HistoryEntry.id).where(HistoryEntry.mentor_id == parameter("mentor_id")).limit(1)


# --- of everybody


def list_of_everybody(query):
    """Return the keyset page of the history of everybody that a query asks for. With any filter it is a slow read."""
    page = query["page"]
    selection = filters.selection(query, filters.HISTORY_FILTERS)
    with paging.slow_read_if(bool(selection.variant), page):
        found = keyset_page_of_everybody(selection.variant, page.limit)
        return fetch_keyset_page(found, selection.values, page, ENTRY_OF_EVERYBODY)


@statement
def keyset_page_of_everybody(variant=(), limit=USUAL_LIMIT):
    found = entries(ENTRY_OF_EVERYBODY).where(HistoryEntry.id < KEY)
    return paging.cut_after_key(filters.apply_filters(found, filters.HISTORY_FILTERS, variant, meaning=None), limit)


# --- of both


def entries(serializer, *more_columns):
    """Select the entries with the columns of a serializer, newest first."""
    more = {"history_entry_id": HistoryEntry.id, "status": HistoryEntry.is_paused}
    columns = serializer.columns(columns_of(HistoryEntry) | more)
    return HistoryEntry.select(*columns, *more_columns).order_by(HistoryEntry.id.desc())


def fetch_keyset_page(found, values, page, serializer):
    """Return the page of the entries before the one whose id is the key."""
    values = values | {"key": int(page.after or ABOVE_ANY_ID)}
    return paging.fetch_keyset_page(found, values, page, serializer, lambda row: str(row[0]))
