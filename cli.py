"""Commands for operators: `flask --app app …`, thin over plain functions."""

import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from peewee import OperationalError

import migrations
import seeding


@click.command
@with_appcontext
def migrate():
    """Bring the database up to this version of the service."""
    try:
        applied = migrations.migrate(current_app.config["SETTINGS"])
    except (OperationalError, OSError) as error:
        sys.exit(
            f"DATABASE_URL: the database cannot be reached ({type(error).__name__}); check the address and the server."
        )
    click.echo(f"migrate: {', '.join(applied) or 'nothing to do'}")


@click.command
@with_appcontext
def seed():
    """Fill an empty database with the contract's example data."""
    try:
        mentors, records = seeding.seed()
    except seeding.NotEmptyError as error:
        sys.exit(str(error))
    click.echo(f"seed: {mentors} mentors, {records} pause records")
