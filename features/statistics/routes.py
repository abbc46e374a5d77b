"""/api/v1/statistics: how many mentors were paused, and how many pauses began and ended, period by period."""

from flask import Blueprint

from db import read_clock
from features.statistics.periods_file import periods_as_csv
from features.statistics.reading import read_statistics
from features.statistics.schemas import Statistics, StatisticsQuery, StatisticsTableQuery
from mentors.days import zone
from mentors.retention import purged_before
from web.auth import READERS
from web.requests import accepts, requested_instant
from web.responses import answer, answer_csv, returns

blueprint = Blueprint("statistics", __name__, url_prefix="/api/v1")


def statistics_of(query):
    """Return the statistics that a query asks for."""
    return read_statistics(query["from"], query["to"], query["by"], requested_instant(query) or read_clock())


@blueprint.get("/statistics")
@accepts(READERS, query=StatisticsQuery)
@returns(Statistics)
def get_statistics(query):
    """Count the mentors paused and the pauses begun and ended, by day, week or month.

    `paused` counts the mentors at the start of a period, `late` the pauses that ended after the day of their return
    date. After now, open pauses are read as ending on their return date (`expected`), and overdue ones as ended:
    `overdue` counts the mentors who are not in `paused` then, but whom only overdue pauses keep away now. The pauses of
    deleted mentors are gone, so the past counts the mentors who are there today.
    """
    return answer(statistics_of(query) | {"purged_before": purged_before()})


@blueprint.get("/statistics.csv")
@accepts(READERS, query=StatisticsTableQuery)
@returns({"type": "string"}, media_types=["text/csv"], has_etag=False)
def download_statistics(query):
    """Download the periods of the statistics as a table.

    The columns are the keys of a period. With `excel=semicolon`, `median_days` has a decimal comma.
    """
    name = f"statistics-{zone.day_of(query['from'])}-{zone.day_of(query['to'])}.csv"
    return answer_csv(periods_as_csv(statistics_of(query)["data"], query.get("excel")), name)
