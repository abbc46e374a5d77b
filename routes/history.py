"""/api/v1/history: who changed what, and when."""

from collections import Counter

from flask import Blueprint

from mentors import retention, undo, writes
from reads import answers, history
from reads.serializers import undo_outcome
from schemas import HistoryOfEverybodyQuery, UndoBody
from web.auth import READERS, WRITERS
from web.requests import accepts, caller_of_request
from web.responses import REPLAYED, answer, answer_list, returns

blueprint = Blueprint("history", __name__)
UNDO = {
    "history_entry_ids": ["4711", "4712"],
    "metadata": {"initiated_by": "coordinator-007", "notes": "The wrong mentors"},
}


@blueprint.get("/api/v1/history")
@accepts(READERS, query=HistoryOfEverybodyQuery)
@returns(answers.HistoryOfEverybody)
def list_history_of_everybody(query):
    """List the history of everybody, newest first; also of mentors who were deleted.

    Filters may be combined. The list is read by key, without a total; a page of very large entries may have fewer than
    `limit`. An entry is one write, or one of those that an undo takes back; a pause that begins or ends by its dates
    alone writes nothing. If older entries were purged, `purged_before` says up to when.
    """
    listed = history.list_of_everybody(query)
    return answer_list(listed, query["page"], purged_before=retention.purged_before())


@blueprint.post("/api/v1/history/undo")
@accepts(WRITERS, body=UndoBody, example=UNDO)
@returns(answers.Undone)
def undo_history_entries(body):
    """Undo writes, by the ids of their history entries.

    The newest entry is taken back first. An entry is taken back if its mentor and the pause records that it touched are
    as it left them; else it is refused, and the others are taken back all the same. An undo has history entries of its
    own, so it can be undone, too. Sent again, it changes nothing: `Idempotent-Replayed`.
    """
    entry_ids = [int(entry_id) for entry_id in body["history_entry_ids"]]
    outcomes = writes.undo_history_entries(caller_of_request(), entry_ids, body.get("metadata"))
    counts = Counter(each.outcome for each in outcomes)
    totals = {outcome: counts[outcome] for outcome in undo.OUTCOMES}
    headers = [REPLAYED] if counts[undo.UNCHANGED] == len(outcomes) else []
    return answer(totals | {"data": [undo_outcome(each) for each in outcomes]}, headers=headers)
