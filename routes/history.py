"""/api/v1/history: who changed what, and when."""

from flask import Blueprint

from mentors import retention
from reads import answers, history
from schemas import HistoryOfEverybodyQuery
from web.auth import READERS
from web.requests import accepts
from web.responses import answer_list, returns

blueprint = Blueprint("history", __name__)


@blueprint.get("/api/v1/history")
@accepts(READERS, query=HistoryOfEverybodyQuery)
@returns(answers.HistoryOfEverybody)
def list_history_of_everybody(query):
    """List the history of everybody, newest first; also of mentors who were deleted.

    Filters may be combined. The list is read by key, without a total. An entry is one write: a pause that begins or
    ends by its dates alone writes nothing. If older entries were purged, `purged_before` says up to when.
    """
    listed = history.list_of_everybody(query)
    return answer_list(listed, query["page"], purged_before=retention.purged_before())
