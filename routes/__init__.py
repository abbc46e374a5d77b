"""The doors of the API: what every view uses to read a request and to answer it."""

import flask_smorest
import orjson
from flask import Response, current_app, request

from parsing import StrictParser
from writing import Caller


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with the strict parser."""

    ARGUMENTS_PARSER = StrictParser()


def answer(representation, status=200, location=None, headers=None):
    """Write a representation as JSON; `location` is a path, printed in the spelling of the request."""
    response = Response(
        orjson.dumps(representation, option=orjson.OPT_APPEND_NEWLINE), status, headers, mimetype="application/json"
    )
    if location:
        response.headers["Location"] = request.script_root + location
    return response


def clock():
    """Return the clock of this app, which the tests may set."""
    return current_app.config["CLOCK"]


def caller():
    """Return who writes."""
    return Caller(clock())
