"""What views answer with: representations, lists, files."""

from functools import wraps
from urllib.parse import quote, urlencode

from flask import Response, request
from marshmallow.fields import Nested

from mentors.representations import encode, etag_of_bytes, history_entry_id
from reads.serializers import REASONS
from settings import STATUS
from web.auth import token_of_request

CSV_TYPE = "text/csv; charset=utf-8; header=present"  # RFC 4180
REPLAYED = ("Idempotent-Replayed", "true")
LONGEST_LINK = 8 * 1024  # bytes
SAFE_IN_QUERY = ":,@~"  # these characters are not percent-encoded


def returns(schema, status=200, media_types=("application/json",), has_etag=True):
    """Decorate a view: declare its answer on success, for the API description.

    `schema` is an Answer class, or a JSON schema. `has_etag` says whether a GET may be conditional. If an answer may
    have a reason or a history, no cache may store it (no-store): a browser keeps what it stores on its disk.
    """
    may_be_stored = "text/csv" not in media_types and not has_reasons(schema)

    def decorate(view):
        @wraps(view)
        def view_answer(**arguments):
            response = view(**arguments)
            if not may_be_stored:
                response.headers["Cache-Control"] = "no-store"
            return response

        view_answer.answer_schema = schema
        view_answer.answer_status = status
        view_answer.answer_types = media_types
        view_answer.has_etag = has_etag
        return view_answer

    return decorate


def has_reasons(schema):
    """Say whether an answer of a schema may have the reason of a pause, at any depth."""
    if isinstance(schema, dict):  # a JSON schema
        return False
    for name, field in schema().fields.items():
        inner = getattr(field, "inner", field)  # of a list
        if name in REASONS or (isinstance(inner, Nested) and has_reasons(inner.nested)):
            return True
    return False


def serializer_for_role(serializer):
    """Return the serializer for the role of this request: the role `status` gets one that shows no reasons.

    Every view that the role `status` may call uses this.
    """
    token = token_of_request()
    return serializer.with_null_reasons if token and token.role == STATUS else serializer


def answer(representation, status=200, location=None, headers=()):
    """Answer with a representation as JSON. `location` is a path without the contract's base, `headers` are pairs."""
    data = encode(representation)
    response = Response(data, status, headers, content_type="application/json")
    if location:
        response.headers["Location"] = request.script_root + location
    if request.method in ("GET", "HEAD"):
        etag = etag_of_bytes(data)
        response.set_etag(etag)
        if client_has(etag):
            response.status_code = 304  # so Werkzeug sends no body, and no headers about it
    return response


def headers_of_write(mentor):
    """Return the headers of the answer to a write, as pairs: its history entry, or that it has written nothing.

    Of an erasure there is neither.
    """
    if mentor.is_erased:
        return []
    return [("History-Entry", history_entry_id(mentor.entries[-1]))] if mentor.has_new_entries() else [REPLAYED]


def answer_or_304(etag, render, headers):
    """Answer with a 304 if the client has this ETag, else with the bytes that `render()` returns."""
    response = Response(status=304, headers=headers) if client_has(etag) else Response(render(), headers=headers)
    response.set_etag(etag)
    return response


def client_has(etag):
    """Say whether the client has the representation with this ETag already (If-None-Match)."""
    # Most requests have no such header, and Werkzeug would parse it all the same.
    return "HTTP_IF_NONE_MATCH" in request.environ and request.if_none_match.contains_weak(etag)


# --- lists


def answer_list(listed, page, **more_keys):
    """Answer with one page of a list: `data` and `pagination` (contract), and more keys.

    The header Link (RFC 8288) has the URLs of the other pages, with the base and the query of the request. It is left
    out if it is longer than LONGEST_LINK, since routers answer with a 502 if they have no room for the headers.
    """
    if page.is_keyset:
        pagination = {"limit": page.limit, "next": listed.next_key}
        parameter = "after"
        pages = {"first": ""}
        if listed.next_key is not None:
            pages["next"] = quote(listed.next_key, safe=SAFE_IN_QUERY)
    else:
        pagination = {"page": page.number, "limit": page.limit, "total": listed.total}
        parameter = "page"
        last = max(1, -(-listed.total // page.limit))  # rounded up
        pages = {"first": 1}
        if page.number > 1:
            pages["prev"] = min(page.number - 1, last)
        if page.number < last:
            pages["next"] = page.number + 1
        pages["last"] = last
    others = {name: value for name, value in request.args.items() if name != parameter}
    query = urlencode(others, safe=SAFE_IN_QUERY) + "&" if others else ""
    url = f"{request.script_root}{request.path}?{query}{parameter}="
    links = ", ".join(f'<{url}{value}>; rel="{rel}"' for rel, value in pages.items())
    headers = [("Link", links)] if len(links) <= LONGEST_LINK else []
    return answer({"data": listed.rows, "pagination": pagination} | more_keys, headers=headers)


# --- files


def answer_csv(table, file_name):
    """Answer with a table (CSV), in bytes, as a file to save."""
    headers = {"Content-Type": CSV_TYPE, "Content-Disposition": f'attachment; filename="{file_name}"'}
    return Response(table, headers=headers)
