"""The doors of the API: what every view uses to read a request and to answer it."""

import flask_smorest
from flask import Response, current_app, g, request
from werkzeug.http import quote_etag

from conditional import etag_of
from paging import link_header, pagination
from parsing import StrictParser
from representations import encode
from writing import Caller


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with the strict parser."""

    ARGUMENTS_PARSER = StrictParser()


def answer(representation, status=200, location=None, headers=None):
    """Answer with a representation as JSON; `location` is a path, printed in the spelling of the request."""
    data = encode(representation)
    response = Response(data, status, headers, content_type="application/json")
    if location:
        response.headers["Location"] = request.script_root + location
    if request.method in ("GET", "HEAD"):
        etag = etag_of(data)
        response.headers["ETag"] = quote_etag(etag)
        if "If-None-Match" in request.headers and request.if_none_match.contains_weak(etag):
            response.status_code = 304
            response.set_data(b"")
            del response.headers["Content-Type"], response.headers["Content-Length"]
    return response


def answer_list(data, page, beyond):
    """Answer with one page of a list (contract: `data` and `pagination`) and the links to the others."""
    links = {"Link": link_header(page, beyond)}
    return answer({"data": data, "pagination": pagination(page, beyond)}, headers=links)


def instant_of(query):
    """Return the instant a read is about, taken out of its query: `as_of`, else now."""
    return query.pop("as_of", None) or current_app.config["CLOCK"]()


def caller():
    """Return who writes, and on which condition."""
    conditional = "If-Match" in request.headers and request.method != "POST"
    if_match = request.if_match if conditional else None  # one without any tag is named by nothing
    return Caller(current_app.config["CLOCK"], if_match, g.get("caller_name"))
