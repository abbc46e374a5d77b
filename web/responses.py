"""The doors of the API: what every view uses to read a request and to answer it."""

from functools import partial, wraps

import flask_smorest
from flask import Response, current_app, g, request
from werkzeug.http import quote_etag

from locking import Caller
from serializers import encode
from web.conditional import check_preconditions, etag_of
from web.pagination import link_header, pagination
from web.requests import StrictParser


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with the strict parser. Its decorators describe; at a request, only ours are run."""

    ARGUMENTS_PARSER = StrictParser()

    def arguments(self, schema, *, location="json"):
        """Describe what comes in, and pass it to the view as the schema loads it, after what stands in the path."""
        described = super().arguments(schema, location=location)

        def decorate(view):
            @wraps(described(view))
            def parse_first(*args, **kwargs):
                return view(*args, self.ARGUMENTS_PARSER.parse(schema, request, location=location), **kwargs)

            return parse_first

        return decorate

    def response(self, *args, **kwargs):
        """Describe an answer. Every view makes its own, so at a request there is nothing to do."""
        described = super().response(*args, **kwargs)

        def decorate(view):
            view._apidoc = described(view)._apidoc
            return view

        return decorate


class Answer(Response):
    """A response whose headers are whole as they are, so that Werkzeug need not copy and look through them."""

    def get_wsgi_headers(self, environ):
        return self.headers


def answer(representation, status=200, location=None, headers=()):
    """Answer with a representation as JSON; `location` is a path, printed in the spelling of the request.

    `headers` are further ones, as pairs of name and value.
    """
    data = encode(representation)
    response = Answer(data, status, content_type="application/json")
    if location:
        response.headers["Location"] = request.script_root + location
    for name, value in headers:
        response.headers[name] = value
    environ = request.environ
    if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
        etag = etag_of(data)
        response.headers["ETag"] = quote_etag(etag)
        if "HTTP_IF_NONE_MATCH" in environ and request.if_none_match.contains_weak(etag):
            response.status_code = 304
            response.set_data(b"")
            del response.headers["Content-Type"], response.headers["Content-Length"]
    return response


def answer_list(listed, page):
    """Answer with one page of a list (contract: `data` and `pagination`) and the links to the others."""
    links = (("Link", link_header(page, listed)),)
    return answer({"data": listed.data, "pagination": pagination(page, listed)}, headers=links)


def instant_of(query):
    """Return the instant a read is about, taken out of its query: `as_of`, else now."""
    return query.pop("as_of", None) or current_app.config["CLOCK"]()


def caller():
    """Return who writes, and on which conditions."""
    # An If-Match without any tag is named by nothing; a POST has no target to hold it against.
    if_match = request.if_match if "If-Match" in request.headers else None
    if_none_match = request.if_none_match if "If-None-Match" in request.headers else None
    conditional = request.method != "POST" and (if_match is not None or if_none_match is not None)
    check = partial(check_preconditions, if_match, if_none_match) if conditional else None
    return Caller(current_app.config["CLOCK"], check, g.get("caller_name"))
