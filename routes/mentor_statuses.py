"""/api/v1/mentor-statuses: who may be matched."""

import queries
import rules
import schemas
from formats import MENTOR_ID
from problems import unknown_mentor
from serializers import MENTOR_STATUS_IN_LIST
from web.responses import Blueprint, answer, answer_list, caller, instant_of

blp = Blueprint("mentor_statuses", __name__, url_prefix="/api/v1/mentor-statuses")


def refuse_impossible(mentor_id):
    """Answer 404 to an id in a path that no mentor can have."""
    if not MENTOR_ID.fullmatch(mentor_id):
        raise unknown_mentor(mentor_id)


@blp.get("")
@blp.arguments(schemas.MentorStatusesQuery(), location="query")
@blp.response(200, "MentorStatuses")
def list_mentor_statuses(query):
    """List all mentor statuses."""
    at, expected = instant_of(query), query.pop("expected")
    page, sort = query.pop("page"), query.pop("sort", "mentor_id")
    return answer_list(queries.list_mentor_statuses(query, page, sort, at, expected), page)


@blp.post("")
@blp.arguments(schemas.MentorStatusCreate())
@blp.arguments(schemas.NoQuery(), location="query")
@blp.response(201, "MentorStatusInList")
def create_mentor_status(body, query):
    """Create a mentor status."""
    mentor = rules.create_mentor(caller(), body)
    return answer(MENTOR_STATUS_IN_LIST.pick(mentor), 201, location=f"/api/v1/mentor-statuses/{mentor['mentor_id']}")


@blp.get("/<mentor_id>")
@blp.arguments(schemas.AtQuery(), location="query")
@blp.response(200, "MentorStatus")
def get_mentor_status(query, mentor_id):
    """Get the current status of a mentor."""
    refuse_impossible(mentor_id)
    mentor = queries.get_mentor_status(mentor_id, instant_of(query), query["expected"])
    if mentor is None:
        raise unknown_mentor(mentor_id)
    return answer(mentor)


@blp.put("/<mentor_id>")
@blp.arguments(schemas.MentorStatusUpdate())
@blp.arguments(schemas.NoQuery(), location="query")
@blp.response(200, "MentorStatusInList")
def update_mentor_status(body, query, mentor_id):
    """Update a mentor's status and metadata."""
    refuse_impossible(mentor_id)
    return answer(MENTOR_STATUS_IN_LIST.pick(rules.update_mentor(caller(), mentor_id, body)))


@blp.delete("/<mentor_id>")
@blp.arguments(schemas.DeleteMentorQuery(), location="query")
@blp.response(200, "MentorStatusDeleted")
def delete_mentor_status(query, mentor_id):
    """Delete a mentor status with its pause records."""
    refuse_impossible(mentor_id)
    rules.delete_mentor(caller(), mentor_id, **query)
    return answer({"deleted": True, "mentor_id": mentor_id})


@blp.get("/<mentor_id>/history")
@blp.arguments(schemas.HistoryQuery(), location="query")
@blp.response(200, "History")
def list_history(query, mentor_id):
    """List the history of a mentor, newest first; also after their deletion."""
    refuse_impossible(mentor_id)
    listed = queries.list_history(mentor_id, query["page"], instant_of(query))
    if listed is None:
        raise unknown_mentor(mentor_id)
    return answer_list(listed, query["page"])
