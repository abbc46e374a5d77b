"""What is not the API itself: where things are, its description, and the page that shows it."""

from pathlib import Path

from flask import Response, current_app, request
from flask_swagger_ui import flask_swagger_ui
from werkzeug.exceptions import NotFound
from werkzeug.utils import send_from_directory

import migrations
import models
import schemas
from problems import RETRY_AFTER, Problem
from web.responses import Blueprint, answer

blp = Blueprint("system", __name__)
STATIC = Path(__file__).parent.parent / "static"
SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"
PAGE_FILES = {"docs.js": STATIC} | dict.fromkeys(
    ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"), SWAGGER_UI
)
# Nothing foreign and nothing inline; Swagger UI draws its icons from data URLs.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@blp.get("/")
@blp.arguments(schemas.NoQuery(), location="query")
@blp.response(200, "Service")
def show_service(query):
    """Name the service and what there is."""
    root = request.script_root
    links = {
        "mentor_statuses": f"{root}/api/v1/mentor-statuses",
        "pause_records": f"{root}/api/v1/pause-records",
        "description": f"{root}/openapi.json",
        "documentation": f"{root}/docs",
    }
    config = current_app.config
    return answer({"name": config["API_TITLE"], "version": config["API_VERSION"], "links": links})


@blp.get("/livez")
@blp.arguments(schemas.NoQuery(), location="query")
@blp.response(200, "Health")
def show_liveness(query):
    """Say that the process answers; asks no database."""
    return answer({"status": "ok"})


@blp.get("/readyz")
@blp.arguments(schemas.NoQuery(), location="query")
@blp.response(200, "Health")
def show_readiness(query):
    """Say that the database is reachable and migrated; 503 if it is not."""
    if migrations.pending():
        raise Problem(
            503, "unavailable", "The database is not migrated; run flask --app app migrate.", headers=RETRY_AFTER
        )
    models.check_tables()
    return answer({"status": "ok"})


@blp.get("/openapi.json")
@blp.arguments(schemas.NoQuery(), location="query")
@blp.response(200, {"type": "object"})
def show_description(query):
    """Describe the API (OpenAPI 3.1)."""
    return answer(current_app.config["DESCRIPTION"])


@blp.get("/docs")
@blp.arguments(schemas.NoQuery(), location="query")
@blp.response(200, {"type": "string"}, content_type="text/html")
def show_documentation(query):
    """Show the description as a page to read and try."""
    response = page_file(STATIC, "docs.html")
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


@blp.get("/docs/<name>")
@blp.arguments(schemas.NoQuery(), location="query")
@blp.response(200, {"type": "string"}, content_type="*/*")
def show_documentation_file(query, name):
    """Serve a script, a style or an icon of the page."""
    if name not in PAGE_FILES:
        raise NotFound
    return page_file(PAGE_FILES[name], name)


def page_file(folder, name):
    """Send a file, whole or as 304: If-Match is for writes, and a part of a script is of no use."""
    environ = {key: value for key, value in request.environ.items() if key not in ("HTTP_IF_MATCH", "HTTP_RANGE")}
    response = send_from_directory(folder, name, environ, response_class=Response)
    del response.headers["Cache-Control"]  # envelope.py says it of every answer
    return response
