"""What every view answers with: representations, pages of lists, conditions; and what a write needs of the request."""

from functools import partial
from urllib.parse import quote, urlencode

from flask import Response, current_app, g, request
from werkzeug.http import quote_etag

from db import db
from mentors.problems import Problem
from mentors.serializers import encode, etag_of
from mentors.writes import Caller
from settings import STATUS

SAFE_IN_QUERY = ":,@~"  # characters that stand for themselves


def returns(schema, status=200, media_types=("application/json",), has_etag=True):
    """Decorate a view: declare what it answers with on success, for the API description; the view writes the answer.

    `schema` is a class of answers.py, or a JSON schema; `has_etag` says whether a GET may be conditional.
    """

    def decorate(view):
        view.answer_schema, view.answer_status, view.answer_types = schema, status, media_types
        view.has_etag = has_etag
        return view

    return decorate


def serializer_for_role(serializer):
    """Return the serializer for the role of this request: the role `status` gets one that shows no reasons.

    A view that this role may ask chooses its serializer with this function.
    """
    return serializer.without_reasons if g.get("role") == STATUS else serializer


def answer(representation, status=200, location=None, headers=()):
    """Answer with a representation as JSON; `location` is a path, printed in the spelling of the request.

    `headers` are further ones, as pairs of name and value.
    """
    data = encode(representation)
    response = Response(data, status, headers, content_type="application/json")
    if location:
        response.headers["Location"] = request.script_root + location
    if request.method in ("GET", "HEAD"):
        etag = etag_of(data)
        response.set_etag(etag)
        if is_known(etag):
            response.status_code = 304  # which Werkzeug sends without a body, and without the headers about one
    return response


def answer_unless_known(etag, render, headers):
    """Answer with the bytes that `render()` returns, or with a 304, for which nothing is rendered."""
    response = Response(status=304, headers=headers) if is_known(etag) else Response(render(), headers=headers)
    response.set_etag(etag)
    return response


def is_known(etag):
    """Say whether the client has the representation with this ETag already (If-None-Match).

    Most requests have no such header; to let Werkzeug read one that is not there takes 5 % of a GET one.
    """
    return "HTTP_IF_NONE_MATCH" in request.environ and request.if_none_match.contains_weak(etag)


# --- lists


def answer_list(listed, page, **more):
    """Answer with one page of a list (contract: `data` and `pagination`; then `more`) and the links to the others."""
    links = (("Link", link_header(page, listed)),)
    return answer({"data": listed.data, "pagination": pagination(page, listed)} | more, headers=links)


def pagination(page, listed):
    """Represent where a page stands (contract)."""
    if page.is_keyset:
        return {"limit": page.limit, "next": listed.next_key}
    return {"page": page.page, "limit": page.limit, "total": listed.total}


def link_header(page, listed):
    """Return the Link header (RFC 8288) to the other pages, in the spelling of the request, all its filters kept."""
    if page.is_keyset:
        name, places = "after", {"first": ""}
        if listed.next_key is not None:
            places["next"] = quote(listed.next_key, safe=SAFE_IN_QUERY)
    else:
        last = max(1, -(-listed.total // page.limit))
        name, places = "page", {"first": 1}
        if page.page > 1:
            places["prev"] = min(page.page - 1, last)
        if page.page < last:
            places["next"] = page.page + 1
        places["last"] = last
    kept = {key: value for key, value in request.args.items() if key != name}
    filters = urlencode(kept, safe=SAFE_IN_QUERY) + "&" if kept else ""
    url = f"{request.script_root}{request.path}?{filters}{name}="
    return ", ".join(f'<{url}{place}>; rel="{rel}"' for rel, place in places.items())


# --- what the domain needs of the request


def instant_of(query):
    """Return the instant a read is about, taken out of its query: `as_of`, else now; None for the database's clock."""
    return query.pop("as_of", None) or current_app.config["CLOCK"]() or db.obj.dialect.now()


def caller():
    """Return who writes, and on which conditions."""
    # An If-Match without tags matches nothing; a POST has no target to hold one against.
    if_match = request.if_match if "If-Match" in request.headers else None
    if_none_match = request.if_none_match if "If-None-Match" in request.headers else None
    conditional = request.method != "POST" and (if_match is not None or if_none_match is not None)
    check = partial(check_preconditions, if_match, if_none_match) if conditional else None
    return Caller(current_app.config["CLOCK"], check, g.get("caller_name"))


def check_preconditions(if_match, if_none_match, shown):
    """Check the conditions of a write (RFC 9110 section 13).

    `shown` are the representations of its target that GET gives: now and, if the clock is behind, at the instant of the
    write. Either condition may be None.

    If If-Match names none of them, returns the 412 that the write raises if it would change anything (section 13.1.1);
    else returns None. It overlooks a W/ that a proxy added. Raises the 412 at once for `If-None-Match: *`, which asks
    that there is nothing.
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
