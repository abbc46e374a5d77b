"""The links to what there is, health checks, metrics, and the description of the API."""

from flask import Blueprint, Response, current_app, request
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

import migrations
from mentors.days import zone
from mentors.problems import RETRY_AFTER, Problem
from openapi.description import TITLE
from reads import answers
from routes.site import MOST_ACCEPT, show_front
from settings import VERSION
from web import metrics
from web.auth import EVERYONE, READERS
from web.requests import accepts
from web.responses import answer, returns

blueprint = Blueprint("system", __name__)


@blueprint.get("/")
@accepts(EVERYONE)
@returns(answers.Service, media_types=["application/json", "text/html"])
def show_service():
    """Name the service and what there is.

    The links are paths, in the spelling of the request. A browser, which prefers HTML, gets a page with
    the name, the version and the links. `mentor_url` is the setting MENTOR_URL, `time_zone` is TIME_ZONE.
    """
    accept = parse_accept_header(request.headers.get("Accept", "")[:MOST_ACCEPT], MIMEAccept)
    if accept.best_match(["application/json", "text/html"]) == "text/html":
        return show_front()
    root = request.script_root
    links = {
        "mentor_statuses": f"{root}/api/v1/mentor-statuses",
        "pause_records": f"{root}/api/v1/pause-records",
        "description": f"{root}/openapi.json",
        "documentation": f"{root}/docs",
        "board": f"{root}/board",
    }
    service = {"name": TITLE, "version": VERSION, "links": links}
    service |= {"mentor_url": current_app.config["SETTINGS"].mentor_url, "time_zone": zone.name}
    return answer(service, headers=[("Vary", "Accept")])


@blueprint.get("/livez")
@accepts(EVERYONE)
@returns(answers.Health)
def show_liveness():
    """Say that the process answers; asks no database.

    A platform that restarts what hangs may ask here.
    """
    return answer({"status": "ok"})


@blueprint.get("/readyz")
@accepts(EVERYONE)
@returns(answers.Health)
def show_readiness():
    """Say that the database is reachable and migrated; 503 if it is not.

    A router that sends requests only to what can answer them may ask here.
    """
    if migrations.pending():
        raise Problem(
            503, "unavailable", "The database is not migrated; run flask --app app migrate.", headers=RETRY_AFTER
        )
    return answer({"status": "ok"})


@blueprint.get("/metrics")
@accepts(READERS)
@returns({"type": "string"}, media_types=["text/plain"], has_etag=False)
def show_metrics():
    """Show figures for Prometheus, read from the database for each scrape.

    They count mentors by status and pauses by phase, and say for how long somebody has been overdue.
    """
    return Response(metrics.read_metrics(current_app.config["CLOCK"]()), content_type=CONTENT_TYPE_PLAIN_0_0_4)


@blueprint.get("/openapi.json")
@accepts(EVERYONE)
@returns({"type": "object"})
def show_description():
    """Describe the API (OpenAPI 3.1).

    This is what the page at `/docs` shows.
    """
    return answer(current_app.config["DESCRIPTION"])
