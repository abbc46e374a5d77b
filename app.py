"""The application: `create_app()` puts settings, database, blueprints and hooks together."""

import re

from flask_cors import CORS

import cli
import db
from features import calendar, data, digest, statistics, tables
from mentors.days import zone
from openapi.description import describe
from routes import history, mentor_statuses, pause_records, site, system
from web import auth, logs
from web.errors import register_error_handlers
from web.middleware import Service

# Each has a blueprint. The API description has them in this order: the resources, the features, the pages.
RESOURCES = mentor_statuses, pause_records, history
FEATURES = digest, statistics, calendar, tables, data
PAGES = site, system
CORS_OPTIONS = {
    "methods": ["GET", "HEAD", "POST", "PUT", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Request-ID"],
    "expose_headers": "ETag, History-Entry, Idempotent-Replayed, Link, Location, Retry-After, X-Request-ID",
    "vary_header": False,  # vary_by_origin adds Vary to all answers; Flask-CORS adds it only for known origins
}


def create_app(settings=None, clock=lambda: None):
    """Build the WSGI application from the environment, or from `settings`; in tests, `clock` returns an instant.

    By default it returns None: the database's clock says what time it is.
    """
    app = Service(__name__)
    settings = settings or cli.settings_of_environment()
    app.config.update(SETTINGS=settings, CLOCK=clock)
    app.config["PROPAGATE_EXCEPTIONS"] = False  # else with FLASK_DEBUG set, gunicorn would log a fault with its row
    db.init_db(settings)
    zone.use(settings.time_zone)
    for module in (*RESOURCES, *FEATURES, *PAGES):
        app.register_blueprint(module.blueprint)
    app.config["DESCRIPTION"] = describe(app)
    site.make_site(settings)
    register_error_handlers(app)
    logs.configure(settings.log_level, settings.log_format)
    if settings.api_tokens_file:
        app.config["TOKEN_FILE"] = auth.TokenFile(settings)
    app.before_request(auth.refuse_cross_origin_write)
    app.before_request(auth.check_token)
    if settings.cors_origins:
        # Flask-CORS takes the brackets of an IPv6 address for a pattern.
        origins = [re.escape(each) + "$" if "[" in each else each for each in settings.cors_origins]
        CORS(app, origins=origins, **CORS_OPTIONS)
        app.after_request(vary_by_origin)
    for command in cli.commands.commands.values():
        app.cli.add_command(command)
    return app


def vary_by_origin(response):
    """Tell caches that an answer depends on the origin of the page that asks."""
    response.vary.add("Origin")
    return response
