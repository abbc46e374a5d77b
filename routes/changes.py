"""/api/v1/changes: what has changed of the mentors, for backends that keep them in memory."""

from flask import Blueprint

from feeds.changes import read_changes
from mentors.answers import Changes
from mentors.serializers import MENTOR_STATUS_IN_LIST
from schemas import ChangesQuery
from web.auth import BACKENDS
from web.requests import accepts, instant_of
from web.responses import answer, returns, serializer_for_role

blueprint = Blueprint("changes", __name__)


@blueprint.get("/api/v1/changes")
@accepts(BACKENDS, query=ChangesQuery)
@returns(Changes)
def list_changes(query):
    """List what has changed of the mentors since a cursor, whatever changed it.

    Without `since`: nothing, and a cursor that begins now. Then walk the list once, and ask again and again, each time
    with the last `pagination.next`; `more` says to do so at once. An item may come twice, but none is ever missed. A
    410 says to begin anew.
    """
    serializer = serializer_for_role(MENTOR_STATUS_IN_LIST)
    changes = read_changes(query.get("since"), query["limit"], instant_of(query), serializer)
    pagination = {"limit": query["limit"], "next": changes.cursor.encode(), "more": changes.more}
    return answer({"data": changes.data, "pagination": pagination})
