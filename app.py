"""The application: `create_app()` puts settings, database, blueprints and hooks together."""

import db  # before whatever imports Peewee, since it says which drivers that loads

# isort: split
from flask import Flask
from flask.sessions import NullSession, SessionInterface
from flask_cors import CORS
from werkzeug.exceptions import NotFound

import cli
import queries
from openapi.description import describe, describe_field
from routes import mentor_statuses, pause_records, system
from web import auth, logs
from web.errors import ProblemApi
from web.middleware import PrefixMiddleware, RequestMiddleware
from web.requests import StrictRequest

CROSS_ORIGIN = {
    "methods": ["GET", "HEAD", "POST", "PUT", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Request-ID"],
    "expose_headers": ["ETag", "Link", "Location", "Retry-After", "X-Request-ID", "Idempotent-Replayed"],
}


class NoSession(SessionInterface):
    """No request has a session, so none need be made for it."""

    null_session = NullSession()

    def open_session(self, app, request):
        return self.null_session


class Service(Flask):
    session_interface = NoSession()
    request_class = StrictRequest

    def ensure_sync(self, func):
        """Return the function: none of ours is a coroutine, and to ask each of them at each request takes its time."""
        return func

    def create_url_adapter(self, request):
        """Bind the routes to the path alone: there are no redirects, which would need the host and the rest."""
        if request is None:
            return None
        if request.environ["PATH_INFO"].startswith("//"):
            raise NotFound  # a path has one spelling, but routing would overlook this
        return self.url_map.bind("", path_info=request.path, default_method=request.method)

    def log_exception(self, exc_info):
        """Log what no handler expected, as every other fault."""
        logs.log_fault(exc_info[1])


def database_clock():
    """Return None: the present instant is what the database's clock says."""


def create_app(settings=None, clock=database_clock):
    """Build the WSGI application from the environment, or from `settings`; `clock` returns an instant in tests."""
    app = Service(__name__, static_folder=None)
    app.config.update(
        SETTINGS=settings or cli.settings_of_environment(),
        CLOCK=clock,
        API_TITLE="Peer Mentor Status Repository",
        API_VERSION="1.0.0",
        OPENAPI_VERSION="3.1.0",
    )
    # A path has one spelling: no redirects that a client may or may not follow with its body.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    db.init_db(app.config["SETTINGS"])
    queries.check_declarations()
    api = ProblemApi(app)
    api.ma_plugin.converter.add_attribute_function(describe_field)
    for module in (mentor_statuses, pause_records, system):
        api.register_blueprint(module.blp)
    app.config["DESCRIPTION"] = describe(api.spec, app.url_map, app.config["SETTINGS"].api_tokens)
    logs.configure(app.config["SETTINGS"].log_level)
    app.before_request(auth.refuse_cross_origin_write)
    app.before_request(auth.check_token)
    if app.config["SETTINGS"].cors_origins:
        CORS(app, origins=list(app.config["SETTINGS"].cors_origins), **CROSS_ORIGIN)
    del app.cli.commands["openapi"]  # it would print the description without what description.py adds
    for command in (cli.migrate, cli.seed, cli.backup, cli.export, cli.import_):
        app.cli.add_command(command)
    app.wsgi_app = RequestMiddleware(PrefixMiddleware(app.wsgi_app))
    return app
