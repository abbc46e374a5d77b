"""/api/v1/mentor-statuses: who may be matched."""

from flask import Blueprint

import schemas
from mentors import retention, writes
from mentors.representations import mentor_status_without_reason
from reads import answers, history, mentor_statuses
from reads.serializers import MENTOR_STATUS, MENTOR_STATUS_IN_LIST, with_etags
from web.auth import READERS, STATUS_READERS, WRITERS
from web.requests import accepts, caller_of_request, requested_instant
from web.responses import answer, answer_list, headers_of_write, returns, serializer_for_role

blueprint = Blueprint("mentor_statuses", __name__, url_prefix="/api/v1/mentor-statuses")


@blueprint.get("")
@accepts(STATUS_READERS, query=schemas.MentorStatusesQuery)
@returns(answers.MentorStatuses)
def list_mentor_statuses(query):
    """List all mentor statuses.

    Filters may be combined. With `after` (empty to begin) the list is read by key: `pagination` then has `next`
    instead of `page` and `total`.
    """
    serializer = serializer_for_role(MENTOR_STATUS if query["etags"] else MENTOR_STATUS_IN_LIST)
    listed = mentor_statuses.list_mentor_statuses(query, requested_instant(query), serializer)
    if not query["etags"]:
        return answer_list(listed, query["page"])
    items = [with_etags(MENTOR_STATUS_IN_LIST.pick(mentor), etag=mentor) for mentor in listed.rows]
    response = answer_list(listed._replace(rows=items), query["page"])
    response.headers["Cache-Control"] = "no-store"  # the ETag is made of a reason
    return response


@blueprint.post("")
@accepts(WRITERS, body=schemas.MentorStatusCreate)
@returns(answers.MentorStatusInList, status=201)
def create_mentor_status(body):
    """Create a mentor status.

    The mentor is active unless the body says that they are paused; then their pause record is created, too. It starts
    now, or at `pause_start_date`, which may be ahead.
    """
    mentor = writes.create_mentor(caller_of_request(), body)
    location = f"/api/v1/mentor-statuses/{mentor.mentor_id}"
    return answer(mentor_status_without_reason(mentor), 201, location=location, headers=headers_of_write(mentor))


@blueprint.get("/<mentor_id>")
@accepts(STATUS_READERS, query=schemas.AtQuery)
@returns(answers.MentorStatusSchema)
def get_mentor_status(mentor_id, query):
    """Get the current status of a mentor.

    Of several pauses in force, the one that ends last is shown. If none is in force, the next scheduled one is shown,
    while `status` is still `active`. The `ETag` may go into `If-Match` of a write.
    """
    serializer = serializer_for_role(MENTOR_STATUS)
    return answer(mentor_statuses.get_mentor_status(mentor_id, requested_instant(query), query["expected"], serializer))


@blueprint.put("/<mentor_id>")
@accepts(WRITERS, body=schemas.MentorStatusUpdate)
@returns(answers.MentorStatusInList)
def update_mentor_status(mentor_id, body):
    """Update a mentor's status and metadata.

    What is not sent stays, and a field sent as GET shows it changes nothing. With `paused`, the pause in force is
    updated, or one is opened; with `active`, every pause in force ends now. If nothing changes, the answer has
    `Idempotent-Replayed`.
    """
    mentor = writes.update_mentor(caller_of_request(), mentor_id, body)
    return answer(mentor_status_without_reason(mentor), headers=headers_of_write(mentor))


@blueprint.delete("/<mentor_id>")
@accepts(WRITERS, query=schemas.DeleteMentorQuery)
@returns(answers.MentorStatusDeleted)
def delete_mentor_status(mentor_id, query):
    """Delete a mentor status with its pause records.

    The history stays readable and ends in `deleted`, unless `erase` removes it, too.
    """
    mentor = writes.delete_mentor(caller_of_request(), mentor_id, query["metadata"], query["erase"])
    return answer({"deleted": True, "mentor_id": mentor_id}, headers=headers_of_write(mentor))


@blueprint.get("/<mentor_id>/history")
@accepts(READERS, query=schemas.HistoryQuery)
@returns(answers.History)
def list_history(mentor_id, query):
    """List the history of a mentor, newest first; also after their deletion.

    An entry is one write: what it did, by whom, and the mentor's state after it. If older entries were purged,
    `purged_before` says up to when. A page of very large entries may have fewer than `limit` if it
    is read with `after`; else it is a 413.
    """
    listed = history.list_of_mentor(mentor_id, query["page"])
    return answer_list(listed, query["page"], purged_before=retention.purged_before())
