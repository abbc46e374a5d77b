"""flask --app app backup, vacuum, export, import."""

import click
from flask import Blueprint

from cli import Command
from features.data import exporting, importing
from features.data.backup import copy_database
from features.data.new_file import new_file
from features.data.vacuum import vacuum_database

blueprint = Blueprint("data", __name__, cli_group=None)


@blueprint.cli.command(cls=Command)
@click.argument("file")
def backup(file):
    """Copy the SQLite database into a new FILE, while the service runs."""
    copy_database(file)
    click.echo(f"backup: {file}", err=True)


@blueprint.cli.command(cls=Command)
@click.argument("file", default="-")
def export(file):
    """Write mentors, pause records and history to a new FILE (else standard output), one JSON object a line."""
    with open(1, "wb", closefd=False) if file == "-" else new_file(file) as output:
        rows = exporting.export(output)
    click.echo(f"export: {rows} rows", err=True)


@blueprint.cli.command("import", cls=Command)
@click.argument("file", default="-")
def import_(file):
    """Fill an empty database with an export from FILE (else standard input)."""
    with open(0 if file == "-" else file, "rb", closefd=file != "-") as source:
        rows = importing.import_(source, lambda line: click.echo(f"import: {line}", err=True))
    click.echo(f"import: {rows} rows", err=True)


@blueprint.cli.command(cls=Command)
def vacuum():
    """Clear what the files or the statistics of the database still keep of what was deleted."""
    vacuum_database()
    click.echo("vacuum: done")
