"""/api/v1/digest: what a coordinator should know this week."""

from flask import Blueprint

from features.digest.reading import read_digest
from features.digest.schemas import DigestQuery, DigestSchema
from web.auth import READERS
from web.requests import accepts, requested_instant
from web.responses import answer, returns

blueprint = Blueprint("digest", __name__, template_folder="templates", cli_group=None)


@blueprint.get("/api/v1/digest")
@accepts(READERS, query=DigestQuery)
@returns(DigestSchema)
def show_digest(query):
    """Show what a coordinator should know this week.

    `overdue` and `undated` (longest first), `due`: expected back in the next days, `beginning` in them, and `begun` and
    `ended` in the last days, all at one instant. The days are whole days, and the next ones begin with that of
    `as_of`. No pause is in two of `overdue`, `due` and `undated`; cancelled pauses are in none. If a purge has deleted
    pauses of the last days, `purged_before` says which: those that ended before this date.
    """
    digest = read_digest(query["days"], requested_instant(query))
    sections = {name: {"total": each.total, "data": each.data} for name, each in digest.sections.items()}
    return answer({"as_of": digest.as_of, "purged_before": digest.purged_before, "days": digest.days} | sections)
