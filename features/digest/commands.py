"""flask --app app digest: print the digest, or send it by mail."""

import sys

import click
from flask import current_app, render_template

from cli import Command, read_instant
from features.digest import smtp
from features.digest.mail import DigestMail
from features.digest.reading import read_digest
from features.digest.routes import blueprint
from mentors import retention


@blueprint.cli.command(cls=Command)
@click.option("--days", type=click.IntRange(1, 366), default=7, help="How many days it looks back and ahead; else 7.")
@click.option("--as-of", metavar="DATE", help="An instant as the API reads it, such as 2026-03-26; else now.")
@click.option("--mail", is_flag=True, help="Send it to DIGEST_TO by SMTP_URL, as text and as HTML.")
@click.option("--always", is_flag=True, help="If there is nothing to say, say so.")
@click.option("--reasons", is_flag=True, help="Show the reasons, which can be about health.")
def digest(days, as_of, **flags):
    """Print or send what a coordinator should know this week; nothing if there is nothing to say."""
    settings = current_app.config["SETTINGS"]
    if flags["mail"]:
        for variable in ("SMTP_URL", "DIGEST_TO"):
            if not getattr(settings, variable.lower()):
                sys.exit(f"digest: {variable} is not set, and --mail needs it.")
    at = current_app.config["CLOCK"]() if as_of is None else read_instant("digest: --as-of", as_of)
    found = read_digest(days, at)
    retention.refuse_purged({"as_of": found.as_of})  # after the read, since a purge may begin before it ends
    mail = DigestMail(found, settings, flags["reasons"])
    if not mail and not flags["always"]:
        return
    if not flags["mail"]:
        click.echo(mail.as_bytes(), nl=False)
        return
    html = render_template("digest.html", mail=mail)
    recipients = settings.digest_to
    smtp.send(mail.message(html), settings.smtp_url, settings.digest_from or recipients[0], recipients)
    click.echo(f"digest: sent to {', '.join(recipients)}", err=True)
