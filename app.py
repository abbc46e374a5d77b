"""The application: `create_app()` puts settings, database, blueprints and middleware together."""

from flask_cors import CORS

import cli
import db
from mentors import queries, rules
from openapi.description import describe
from routes import calendar, changes, mentor_statuses, pages, pause_records, system, tables
from web import auth, logs, metrics, roles
from web.errors import register_error_handlers
from web.middleware import PrefixMiddleware, RequestMiddleware
from web.service import Service

CROSS_ORIGIN = {
    "methods": ["GET", "HEAD", "POST", "PUT", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Request-ID"],
    "expose_headers": ["ETag", "Link", "Location", "Retry-After", "X-Request-ID", "Idempotent-Replayed"],
}


def database_clock():
    """Return None: the present instant is what the database's clock says."""


def create_app(settings=None, clock=database_clock):
    """Build the WSGI application from the environment, or from `settings`; `clock` returns an instant in tests."""
    app = Service(__name__)
    app.config.update(SETTINGS=settings or cli.settings_of_environment(), CLOCK=clock)
    db.init_db(app.config["SETTINGS"])
    queries.check_declarations()
    rules.check_fields()
    for module in (mentor_statuses, pause_records, changes, calendar, tables, pages, system):
        app.register_blueprint(module.blueprint)
    roles.check_roles(app)
    app.config["DESCRIPTION"] = describe(app)
    register_error_handlers(app)
    logs.log.configure(app.config["SETTINGS"].log_level, app.config["SETTINGS"].log_format)
    if path := app.config["SETTINGS"].api_tokens_file:
        app.config["TOKEN_FILE"] = auth.TokenFile(path)
    app.before_request(auth.refuse_cross_origin_write)
    app.before_request(auth.check_token)
    if app.config["SETTINGS"].cors_origins:
        CORS(app, origins=[auth.cors_origin(each) for each in app.config["SETTINGS"].cors_origins], **CROSS_ORIGIN)
    for command in cli.COMMANDS:
        app.cli.add_command(command)
    app.wsgi_app = RequestMiddleware(PrefixMiddleware(app.wsgi_app), metrics.count_request)
    if metrics.FOLDER:  # gunicorn serves the app
        metrics.keep_sampling()
        logs.log_database()
    return app


if __name__ == "__main__":  # python app.py --version
    cli.main(create_app)
