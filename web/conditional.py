"""Conditional requests (RFC 9110 section 13): what depends on the ETag of a representation."""

from werkzeug.http import quote_etag

from mentors.problems import Problem
from mentors.serializers import encode, etag_of


def check_preconditions(if_match, if_none_match, shown):
    """Check the conditions of a write. `shown` are the representations of its target that GET gives: now and, where the
    clock is behind, at the instant of the write.

    Returns the 412 where If-Match names none of `shown`, for the write to raise if it would change anything (section
    13.1.1), else None; a W/ that a proxy added is overlooked. Raises it at once where `If-None-Match: *` asks that
    nothing be there. Either condition may be None.
    """
    current = [etag_of(encode(representation)) for representation in shown]
    headers = {"ETag": quote_etag(current[0])}
    if if_none_match is not None and if_none_match.star_tag:
        detail = "If-None-Match: * asks that nothing is there, but there is; leave the header out to change it."
        raise Problem(412, "stale", detail, headers=headers)
    if if_match is None or any(if_match.contains_weak(etag) for etag in current):
        return None
    detail = "What you read has changed since; GET it again, and send this write with the new ETag in If-Match."
    return Problem(412, "stale", detail, headers=headers)
