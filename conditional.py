"""Conditional requests (RFC 9110 section 13): the ETag of a representation, and what depends on it."""

from hashlib import blake2b

from werkzeug.http import quote_etag

from problems import Problem
from representations import encode

PIECE = 2047  # bytes; for more at once, hashlib lets go of Python's lock, and then stands in line for it


def etag_of(data):
    """Return the entity tag of the bytes of a representation, without its quotes."""
    digest = blake2b(digest_size=16)
    for start in range(0, len(data), PIECE):
        digest.update(data[start : start + PIECE])
    return digest.hexdigest()


def refuse_stale(if_match, representation):
    """Refuse a write (412) whose If-Match does not name what GET shows now; a W/ that a proxy added is overlooked."""
    current = etag_of(encode(representation))
    if not if_match.contains_weak(current):
        detail = "It has changed since you read it; GET it again and send this write with the new ETag in If-Match."
        raise Problem(412, "stale", detail, headers={"ETag": quote_etag(current)})
