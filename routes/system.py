"""What is not the API itself: where things are, its description, and the page that shows it."""

from pathlib import Path

from flask import Blueprint, Response, current_app, request
from flask_swagger_ui import flask_swagger_ui
from werkzeug.exceptions import NotFound
from werkzeug.utils import send_from_directory

import answers
import migrations
import models
from openapi.description import TITLE
from problems import RETRY_AFTER, Problem
from settings import VERSION
from web.requests import accepts
from web.responses import answer, returns

blueprint = Blueprint("system", __name__)
STATIC = Path(__file__).parent.parent / "static"
SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"
PAGE_FILES = {  # folder and media type
    "docs.js": (STATIC, "text/javascript"),
    "swagger-ui-bundle.js": (SWAGGER_UI, "text/javascript"),
    "swagger-ui.css": (SWAGGER_UI, "text/css"),
    "favicon-32x32.png": (SWAGGER_UI, "image/png"),
}
# Nothing foreign and nothing inline; Swagger UI draws its icons from data URLs.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@blueprint.get("/")
@accepts()
@returns(answers.Service)
def show_service():
    """Name the service and what there is.

    The links are paths, in the spelling of the request.
    """
    root = request.script_root
    links = {
        "mentor_statuses": f"{root}/api/v1/mentor-statuses",
        "pause_records": f"{root}/api/v1/pause-records",
        "description": f"{root}/openapi.json",
        "documentation": f"{root}/docs",
    }
    return answer({"name": TITLE, "version": VERSION, "links": links})


@blueprint.get("/livez")
@accepts()
@returns(answers.Health)
def show_liveness():
    """Say that the process answers; asks no database.

    A platform that restarts what hangs may ask here.
    """
    return answer({"status": "ok"})


@blueprint.get("/readyz")
@accepts()
@returns(answers.Health)
def show_readiness():
    """Say that the database is reachable and migrated; 503 if it is not.

    A router that sends requests only to what can answer them may ask here.
    """
    if migrations.pending():
        raise Problem(
            503, "unavailable", "The database is not migrated; run flask --app app migrate.", headers=RETRY_AFTER
        )
    models.check_tables()
    return answer({"status": "ok"})


@blueprint.get("/openapi.json")
@accepts()
@returns({"type": "object"})
def show_description():
    """Describe the API (OpenAPI 3.1).

    This is what the page at `/docs` shows.
    """
    return answer(current_app.config["DESCRIPTION"])


@blueprint.get("/docs")
@accepts()
@returns({"type": "string"}, media_types=["text/html"])
def show_documentation():
    """Show the description as a page to read and try.

    It is Swagger UI, and asks no other host for anything.
    """
    response = page_file(STATIC, "docs.html", "text/html")
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


@blueprint.get("/docs/<name>")
@accepts()
@returns({"type": "string"}, media_types=[media_type for _, media_type in PAGE_FILES.values()])
def show_documentation_file(name):
    """Serve a script, a style or an icon of the page.

    There are no others than those that the page names.
    """
    if name not in PAGE_FILES:
        raise NotFound
    folder, media_type = PAGE_FILES[name]
    return page_file(folder, name, media_type)


def page_file(folder, name, media_type):
    """Send a file, whole or as 304: If-Match is for writes, and a part of a script is of no use."""
    environ = {key: value for key, value in request.environ.items() if key not in ("HTTP_IF_MATCH", "HTTP_RANGE")}
    response = send_from_directory(folder, name, environ, response_class=Response, mimetype=media_type)
    del response.headers["Cache-Control"]  # RequestMiddleware says it of every answer
    return response
