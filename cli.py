"""The commands for operators: `flask --app app …`. Those of a feature are in its folder."""

import os
import re
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import click
from flask import current_app
from flask.cli import AppGroup
from marshmallow import ValidationError
from peewee import PeeweeException

import migrations
from db import db, sqlite_file
from db.errors import error_code
from mentors import formats, retention, seeding
from mentors.fields import Timestamp
from mentors.problems import CommandError, Problem
from settings import ROLES, TOKEN_NAME, VERSION, Settings, SettingsError, make_token, platform_of, probably_meant
from web import logs

# An address that gunicorn binds, and that only this machine reaches.
LOCAL = re.compile(r"(unix:.*|(tcp://)?(127(\.\d+){3}|localhost|\[::1\])(:\d+)?)?", re.IGNORECASE)


def settings_of_environment():
    """Return the settings. If a variable cannot be used, a command ends with a line that says so."""
    environ = dict(os.environ)
    context = click.get_current_context(silent=True)  # None in a worker of gunicorn
    if context:
        # Flask builds the app to find its commands, so Click does not know yet which command this is.
        root = context.find_root()
        _options, words, _order = root.command.make_parser(root).parse_args(sys.argv[1:])
        if words[:1] == ["token"]:  # it makes the first item of API_TOKENS, which may still be empty
            environ.pop("API_TOKENS", None)
            environ.pop("API_TOKENS_FILE", None)
    try:
        return Settings.from_environ(environ)
    except SettingsError as error:
        if context is None:  # after sys.exit(), gunicorn would start the worker again and again
            raise
        sys.exit(str(error))


class Command(click.Command):
    """A command on a database that is there; only migrate makes one.

    If its file or the database cannot be used, it ends with one line and exit code 1. SIGTERM and SIGHUP end it as
    Ctrl-C does, so that it removes an unfinished file.
    """

    def invoke(self, context):
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores SIGHUP
                signal.signal(number, signal.default_int_handler)
        try:
            return super().invoke(context)
        except (CommandError, Problem) as error:
            sys.exit(f"{self.name}: {error}")
        except OSError as error:
            if not error.filename:
                with suppress(OSError):
                    sys.stdout.close()  # else Python writes the rest of it at its exit, fails again, and ends with 120
            sys.exit(f"{self.name}: {error.filename or 'the input or output'}: {error.strerror}")
        except (PeeweeException, db.driver_error) as error:
            path = current_app.config["SETTINGS"].sqlite_path
            cause = f"the database cannot do it now ({error_code(error) or type(error).__name__})"
            if path and not os.path.exists(path):
                cause = f"there is no database {os.path.abspath(path)}"
            sys.exit(f"{self.name}: {cause}; correct DATABASE_URL, check its server, or run flask --app app migrate.")


commands = AppGroup()
commands.command_class = Command


@commands.command(cls=click.Command, with_appcontext=False)
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES), required=False)
def token(name, role):
    """Make a token, and print its secret and its item of API_TOKENS."""
    if not TOKEN_NAME.fullmatch(name):
        sys.exit("token: NAME is 1 to 64 letters, digits and . _ @ -; the history shows it as changed_by.")
    secret, item = make_token(name, role)
    click.echo(f"The token, shown only now: {secret}")
    click.echo(f"Its item of API_TOKENS:    {item}")


@commands.command(cls=click.Command)  # not Command: an error that is not known here shows its traceback
@click.option("--workers", type=int, help="Write the first lines of the log of a service with so many workers.")
@click.option("--bind", default="", help="The addresses that this service binds, with commas between them.")
def migrate(workers, bind):
    """Bring the database up to this version of the service."""
    settings = current_app.config["SETTINGS"]
    try:
        tokens = settings.read_token_file()
    except SettingsError as error:
        sys.exit(str(error))
    if workers:
        begin_log(settings, tokens, workers, bind)
    say = partial(logs.log_start, "WARNING") if workers else partial(click.echo, err=True)
    patience = migrations.Patience(say)
    try:
        applied = migrations.migrate(settings, patience)
        missing = migrations.missing_settings(patience)
    except migrations.UnusableDatabase as error:
        sys.exit(f"DATABASE_URL: {error}")
    done = f"migrate: {', '.join(applied) or 'nothing to do'}"
    if workers:
        logs.log_start("INFO", done)
    else:
        click.echo(done)
    if missing:
        logs.log_start(
            "WARNING",
            "behind this pooler, statements have no time limit; run this once as an administrator of Postgres, and then"
            f" RECONNECT the pooler: {missing}",
        )


def begin_log(settings, tokens, workers, bind):
    """Log the version, where the board is, the database, who may use the API, and warnings for the operator."""
    is_on_loopback = re.fullmatch(r"127\.0\.0\.1:\d+", bind)
    board = f"http://{bind}/board" if is_on_loopback else "/board"  # else readers use another address
    line = f"version {VERSION}; board: {board}; database: {settings.database_name}; workers: {workers}; the API "
    if tokens:
        line += f"needs a token (roles: {', '.join(sorted({token.role or 'all' for token in tokens}))})"
    else:
        line += "is open to everyone, also for writing; API_TOKENS would close it"
    if "*" in settings.cors_origins:
        line += "; CORS_ORIGINS is *, so that every web page may write"
    logs.log_start("INFO", line)
    if not tokens and not all(map(LOCAL.fullmatch, bind.split(","))):
        logs.log_start(
            "WARNING",
            f"the service binds {bind}, and without API_TOKENS everybody who reaches it may read and write; flask --app"
            " app token NAME prints a token, and what to set API_TOKENS to.",
        )
    for name, meant in probably_meant(os.environ).items():
        logs.log_start("WARNING", f"{name} is no variable of this service; if {meant} is meant, rename it.")
    platform = platform_of(os.environ)
    if settings.sqlite_path and (warning := sqlite_file.warning_of_loss(settings.sqlite_path, platform)):
        logs.log_start("WARNING", warning)


@commands.command()
def seed():
    """Fill an empty database with example data: what the contract shows, and pauses around today."""
    mentors, records = seeding.seed(formats.instant(datetime.now(UTC)))
    click.echo(f"seed: {mentors} mentors, {records} pause records")


def read_instant(option, text):
    """Return the instant that an option gives; if it is none, the command ends with a line that says so."""
    try:
        return Timestamp().deserialize(text)
    except ValidationError as error:
        sys.exit(f"{option}: {' '.join(error.messages)}")


@commands.command()
@click.option("--before", metavar="DATE", required=True, help="An instant as the API reads it, such as 2024-01-01.")
@click.option("--dry-run", is_flag=True, help="Only say how much it would be.")
def purge(before, dry_run):
    """Delete pauses that ended before DATE, and the history before it, for good."""
    instant = read_instant("purge: --before", before)
    length = retention.highest_entry()
    is_hidden = not sys.stderr.isatty()
    with click.progressbar(length=length, label="purge", file=sys.stderr, hidden=is_hidden) as bar:
        counts = retention.purge(instant, dry_run, bar.update)
    done = ", ".join(f"{count} {what}" for what, count in counts.items())
    click.echo(f"purge: {done}{' would be deleted' if dry_run else ' deleted'}")
