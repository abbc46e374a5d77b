"""The pages for people: the front, the board, and the description of the API to read and try."""

import gzip
import json
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, current_app, request
from flask_swagger_ui import flask_swagger_ui
from werkzeug.datastructures import Accept
from werkzeug.exceptions import NotFound
from werkzeug.http import parse_accept_header

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
    ".webmanifest": "application/manifest+json",
}
# A page may load nothing from another host, and no script or style in its markup runs.
BOARD_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DOCS_POLICY = BOARD_POLICY.replace("img-src 'self'", "img-src 'self' data:")  # for Swagger UI's icons
FOR_A_YEAR = {"Cache-Control": "public, max-age=31536000, immutable"}
MOST_ACCEPT = 1024  # characters; a request may have 780 KB of Accept, which would take half a second
NO_MODULE = "faults.js"  # it runs where a browser knows no modules


class Body(NamedTuple):
    """The bytes of a file, plain or compressed, with their ETag: each coding has its own."""

    content: bytes
    etag: str


class File(NamedTuple):
    """A file as it is sent. It is compressed once, when the service starts."""

    media_type: str
    plain: Body
    gzipped: Body


class Site(NamedTuple):
    """What is sent to a browser by the settings of a service: two pages, the files of the board, and their digest."""

    front: File
    board: File
    board_files: dict[str, File]
    digest: str


def make_file(name, content):
    """Make the file of a name from its bytes."""
    bodies = [Body(each, etag_of_bytes(each)) for each in (content, gzip.compress(content, mtime=0))]
    return File(MEDIA_TYPES[Path(name).suffix], *bodies)


def read_file(path):
    return make_file(path.name, path.read_bytes())


def read_files(folder):
    """Return each file in a folder that a page may load, by its path in the folder."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in MEDIA_TYPES]
    return {path.relative_to(folder).as_posix(): read_file(path) for path in paths}


# Read once: a file that is replaced under a running service must not be sent with the old digest.
BOARD_FILES = read_files(STATIC / "board")
DOCS_PAGE = read_file(STATIC / "docs.html")
DOCS_FILES = {  # that the page at /docs may load
    path.name: read_file(path)
    for path in (
        STATIC / "docs.css",
        STATIC / "docs.js",
        SWAGGER_UI / "swagger-ui-bundle.js",
        SWAGGER_UI / "swagger-ui.css",
        SWAGGER_UI / "favicon-32x32.png",
    )
}


def site_of_settings():
    """Return what is sent to a browser by the settings of this service."""
    return make_site(current_app.config["SETTINGS"])


@cache
def make_site(settings):
    """Make the pages of a service: they hold what the board would otherwise ask for before it reads any list."""
    files = BOARD_FILES | {"manifest.webmanifest": make_manifest(settings.board_title)}
    digest = digest_of_files(files)
    front = fill_in("index.html", {"version": VERSION, "digest": digest})
    texts = {
        "title": settings.board_title,
        "time_zone": settings.time_zone,
        "mentor_url": settings.mentor_url or "",
        "digest": digest,
    }
    return Site(front, fill_in("board.html", texts, modules=link_modules(files, digest)), files, digest)


def make_manifest(title):
    """Make the file by which a phone puts the board on its home screen; the addresses in it are relative to its own."""
    icons = [
        {"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"},
        {"src": "icon.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    page = "../../board"
    manifest = {"name": title, "start_url": page, "scope": page, "display": "standalone", "icons": icons}
    return make_file("manifest.webmanifest", json.dumps(manifest).encode())


def digest_of_files(files):
    """Return a digest of the names and the contents of files."""
    return etag_of({name: file.plain.etag for name, file in files.items()})


def link_modules(files, digest):
    """Return the links by which a browser loads all modules at once: else each waits for the one that imports it."""
    names = [name for name in files if name.endswith(".js") and name != NO_MODULE]
    return "\n  ".join(f'<link rel="modulepreload" href="board/{digest}/{name}">' for name in names)


def fill_in(name, texts, **markup):
    """Make a page of the file that has `{name}` in the place of each text, which is escaped, and of markup."""
    values = {key: escape(text) for key, text in texts.items()} | markup
    page = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], (STATIC / name).read_text())
    return make_file(name, page.encode())


def show_front():
    """Answer `/` to a browser: a small page with links to the board and the description."""
    headers = {"Content-Security-Policy": BOARD_POLICY, "Vary": "Accept"}
    return answer_file(site_of_settings().front, headers)


@blueprint.get("/board")
@accepts(EVERYONE)
@returns({"type": "string"}, media_types=["text/html"])
def show_board():
    """Show who is away, until when, and what is overdue.

    The page holds no data: it asks this API for all that it shows, with the reader's token where one is needed.
    """
    return answer_file(site_of_settings().board, {"Content-Security-Policy": BOARD_POLICY})


@blueprint.get("/board/<digest>/<path:name>")
@accepts(EVERYONE)
@returns(
    {"type": ["string", "object"]},  # the manifest is JSON
    media_types=["application/manifest+json", "image/png", "image/svg+xml", "text/css", "text/javascript"],
)
def show_board_file(digest, name):
    """Serve a script, a style, an icon or the manifest of the board.

    With the digest that the page names, a browser keeps the file for a year. With another digest (during a deployment
    the page may come from another version than its files) the answer is the current file, which a browser asks for each
    time. No other file is served.
    """
    site = site_of_settings()
    if name not in site.board_files:
        raise NotFound
    return answer_file(site.board_files[name], FOR_A_YEAR if digest == site.digest else {})


@blueprint.get("/docs")
@accepts(EVERYONE)
@returns({"type": "string"}, media_types=["text/html"])
def show_documentation():
    """Show the description as a page to read and try.

    It is Swagger UI, and asks no other host for anything.
    """
    return answer_file(DOCS_PAGE, {"Content-Security-Policy": DOCS_POLICY})


@blueprint.get("/docs/<name>")
@accepts(EVERYONE)
@returns({"type": "string"}, media_types=["image/png", "text/css", "text/javascript"])
def show_documentation_file(name):
    """Serve a script, a style or an icon of the page.

    No other file is served.
    """
    if name not in DOCS_FILES:
        raise NotFound
    return answer_file(DOCS_FILES[name])


def answer_file(file, headers=()):
    """Answer with a file, compressed if the client prefers that, or with a 304.

    Only files are compressed. In an answer of the API a secret may stand beside a text of somebody else, who could
    guess it by the length of the whole.
    """
    is_gzipped = prefers_gzip(request.headers.get("Accept-Encoding", ""))
    body = file.gzipped if is_gzipped else file.plain
    response = answer_or_304(body.etag, lambda: body.content, headers)
    response.mimetype = file.media_type
    response.vary.add("Accept-Encoding")
    if is_gzipped:
        response.content_encoding = "gzip"
    return response


def prefers_gzip(accept_encoding):
    """Say whether a client that sends this header takes gzip, and wants nothing more than it without compression."""
    codings = parse_accept_header(accept_encoding if len(accept_encoding) <= MOST_ACCEPT else "", Accept)
    return 0 < codings.quality("gzip") >= codings.quality("identity")
