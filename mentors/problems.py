"""Problems (RFC 9457): exceptions that become the answer to a request."""

from itertools import islice

from mentors.formats import pause_record_id

MOST_ERRORS = 100  # in an answer
RETRY_AFTER = {"Retry-After": "1"}  # seconds
# Every `code` there is, in the order of the statuses.
CODES = (
    "malformed_body",
    "unauthorized",
    "forbidden",
    "not_found",
    "method_not_allowed",
    "already_exists",
    "conflict",
    "purged",
    "stale",
    "too_large",
    "unsupported_media_type",
    "validation_failed",
    "rows_refused",
    "internal_error",
    "unavailable",
)
UNAVAILABLE = "The database cannot answer now; send the request again in a moment."


class Problem(Exception):
    """An answer that is not a success.

    `code` is one of CODES, `detail` a sentence for people, and `errors` are messages by field.
    """

    def __init__(self, status, code, detail, errors=None, headers=None):
        super().__init__(detail)
        self.status, self.code, self.detail, self.errors, self.headers = status, code, detail, errors, headers or {}


class CommandError(Exception):
    """A command cannot do what it was asked for; the text is one line that says why."""


class Unavailable(Problem):
    """A 503 for what the service cannot do now; `reason` is for the log. By default the client may try again soon."""

    def __init__(self, reason, detail=UNAVAILABLE, headers=RETRY_AFTER):
        super().__init__(503, "unavailable", detail, headers=headers)
        self.reason = reason


class Conflict(Problem):
    """The 409 for a write that conflicts with a pause of the mentor; `what` says what this pause has already.

    `way_out` says what a PUT of this pause does.
    """

    def __init__(self, pause, what="this start and reason", way_out="changes that record"):
        record_id = pause_record_id(pause.number)
        detail = f"{record_id} already has {what}; PUT /api/v1/pause-records/{record_id} {way_out}."
        if pause.is_new:  # a line of the same table records it, so it has no id yet
            detail = f"A line above already has {what}; leave one of the two lines out."
        super().__init__(409, "conflict", detail)


class Stale(Problem):
    """The 412 for a condition of a write that is not met; `etag` is the current entity tag, if there is one."""

    def __init__(self, detail, etag=None):
        super().__init__(412, "stale", detail, headers={"ETag": f'"{etag}"'} if etag else None)


def invalid(errors):
    """Return the 422 for fields or parameters that a schema or a rule rejects; `errors` is {field: [messages]}.

    The problem has the first 100 errors, and counts the others: a body of 64 KiB may have thousands.
    """
    shown = dict(islice(errors.items(), MOST_ERRORS))
    detail = " ".join(f"{field}: {' '.join(messages)}" for field, messages in shown.items())
    if len(errors) > MOST_ERRORS:
        detail += f" Not shown: {len(errors) - MOST_ERRORS} more."
    return Problem(422, "validation_failed", detail, shown)


def text_of_unknown_mentor(mentor_id):
    return f"No mentor status '{mentor_id}'. POST /api/v1/mentor-statuses creates one."


def unknown_mentor(mentor_id):
    return Problem(404, "not_found", text_of_unknown_mentor(mentor_id))


def unknown_pause_record(record_id):
    return Problem(404, "not_found", f"No pause record '{record_id}'. GET /api/v1/pause-records lists them.")
