"""The pages for people: the front, the board, and the description of the API to read and try."""

from pathlib import Path

from flask import Blueprint, Response, request
from flask_swagger_ui import flask_swagger_ui
from werkzeug.exceptions import NotFound
from werkzeug.utils import send_from_directory

from mentors.representations import etag_of, etag_of_bytes
from settings import VERSION
from web.auth import EVERYONE
from web.requests import accepts
from web.responses import answer_or_304, returns

blueprint = Blueprint("site", __name__)
STATIC = Path(__file__).parent.parent / "static"
SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"
MEDIA_TYPES = {  # by the ending of a file's name (the system's own table may differ)
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
# The files that the page at /docs may load: the folder of each, by its name.
DOCS_FILES = {
    "docs.css": STATIC,
    "docs.js": STATIC,
    "swagger-ui-bundle.js": SWAGGER_UI,
    "swagger-ui.css": SWAGGER_UI,
    "favicon-32x32.png": SWAGGER_UI,
}
# A page may load nothing from another host, and no script or style in its markup runs.
BOARD_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DOCS_POLICY = BOARD_POLICY.replace("img-src 'self'", "img-src 'self' data:")  # for Swagger UI's icons
FOR_A_YEAR = {"Cache-Control": "public, max-age=31536000, immutable"}


def read_files(folder):
    """Return the bytes of each file in a folder that a page may load, by its path in the folder."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in MEDIA_TYPES]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def digest_of_files(files):
    """Return a digest of the names and the contents of files, given as bytes by name."""
    return etag_of({name: etag_of_bytes(content) for name, content in files.items()})


def read_page(name):
    """Return the bytes of a page, with the version of the service and the digest of the board's files."""
    page = (STATIC / name).read_bytes()
    return page.replace(b"{version}", VERSION.encode()).replace(b"{digest}", BOARD_DIGEST.encode())


# Read once: a file that is replaced under a running service must not be sent with the old digest.
BOARD_FILES = read_files(STATIC / "board")
BOARD_DIGEST = digest_of_files(BOARD_FILES)
BOARD_PAGE = read_page("board.html")
FRONT_PAGE = read_page("index.html")


def show_front():
    """Answer `/` to a browser: a small page with links to the board and the description."""
    return answer_file(FRONT_PAGE, ".html", {"Content-Security-Policy": BOARD_POLICY, "Vary": "Accept"})


@blueprint.get("/board")
@accepts(EVERYONE)
@returns({"type": "string"}, media_types=["text/html"])
def show_board():
    """Show who is away, until when, and what is overdue.

    The page holds no data: it asks this API for all that it shows, with the reader's token where one is needed.
    """
    return answer_file(BOARD_PAGE, ".html", {"Content-Security-Policy": BOARD_POLICY})


@blueprint.get("/board/<digest>/<path:name>")
@accepts(EVERYONE)
@returns({"type": "string"}, media_types=["image/svg+xml", "text/css", "text/javascript"])
def show_board_file(digest, name):
    """Serve a script, a style or the icon of the board.

    With the digest that the page names, a browser keeps the file for a year. With another digest (during a deployment
    the page may come from another version than its files) the answer is the current file, which a browser asks for each
    time. No other file is served.
    """
    if name not in BOARD_FILES:
        raise NotFound
    return answer_file(BOARD_FILES[name], Path(name).suffix, FOR_A_YEAR if digest == BOARD_DIGEST else {})


@blueprint.get("/docs")
@accepts(EVERYONE)
@returns({"type": "string"}, media_types=["text/html"])
def show_documentation():
    """Show the description as a page to read and try.

    It is Swagger UI, and asks no other host for anything.
    """
    return send_file(STATIC, "docs.html", {"Content-Security-Policy": DOCS_POLICY})


@blueprint.get("/docs/<name>")
@accepts(EVERYONE)
@returns({"type": "string"}, media_types=["image/png", "text/css", "text/javascript"])
def show_documentation_file(name):
    """Serve a script, a style or an icon of the page.

    No other file is served.
    """
    return send_file(DOCS_FILES.get(name), name)


def answer_file(content, suffix, headers):
    """Answer with the bytes of a file whose name has this ending, or with a 304."""
    response = answer_or_304(etag_of_bytes(content), lambda: content, headers)
    response.mimetype = MEDIA_TYPES[suffix]
    return response


def send_file(folder, name, headers=()):
    """Send a whole file, or a 304. Raises 404 if there is no folder: no page loads a file of this name."""
    if folder is None:
        raise NotFound
    # A GET ignores If-Match, and a part of a script is of no use.
    environ = {key: value for key, value in request.environ.items() if key not in ("HTTP_IF_MATCH", "HTTP_RANGE")}
    media_type = MEDIA_TYPES[Path(name).suffix]
    response = send_from_directory(folder, name, environ, response_class=Response, mimetype=media_type)
    response.accept_ranges = "none"
    response.headers.update(headers)
    return response
