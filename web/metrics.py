"""What Prometheus reads at /metrics: figures of the database, read for each scrape, and the version of the service.

So every worker answers the same, and no worker keeps anything between two scrapes.
"""

import peewee
from peewee import Select, fn
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from db import db, statement
from mentors.formats import seconds_between
from mentors.pauses import At
from models import MentorStatus, PauseRecord
from settings import VERSION
from web.logs import log_fault

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


@statement
def count_everything():
    at = At.of_read()
    pauses = PauseRecord.select(fn.COUNT(PauseRecord.id))
    oldest_overdue = PauseRecord.select(fn.MIN(PauseRecord.expected_return_date)).where(at.overdue(PauseRecord))
    columns = (
        MentorStatus.select(fn.COUNT(MentorStatus.mentor_id)),
        at.count_paused(PauseRecord),
        pauses,
        pauses.where(at.scheduled(PauseRecord)),
        pauses.where(at.in_force(PauseRecord)),
        pauses.where(at.overdue(PauseRecord)),
        pauses.where(at.undated(PauseRecord)),
        oldest_overdue,
        at.instant,
    )
    return Select(columns=columns).bind(db)


def read_figures(at):
    """Return the metrics of mentors and pauses as of the instant `at` (None: now), read by one statement."""
    with db.slow_reads:
        row = count_everything().row(at=at)
    mentors, paused, records, scheduled, current, overdue, undated, oldest, now = row
    age = seconds_between(oldest, now) if oldest else 0
    pauses = {
        "scheduled": scheduled,
        "current": current,
        "overdue": overdue,
        "undated": undated,
        "ended": records - current - scheduled,
    }
    about_age = "How long ago the mentor was expected back who is overdue the longest; 0 if nobody is"
    return [
        gauge("mentors", "Mentors by status", "status", {"active": mentors - paused, "paused": paused}),
        gauge("pauses", "Pauses by phase; current includes overdue and undated", "phase", pauses),
        GaugeMetricFamily("oldest_overdue_pause_seconds", about_age, value=age),
    ]


def gauge(name, about, label, values):
    """Return a gauge with one label; `values` has a number for each value of the label."""
    family = GaugeMetricFamily(name, about, labels=[label])
    for label_value, number in values.items():
        family.add_metric([label_value], number)
    return family


class Figures:
    """A collector of prometheus_client, as of the instant `at` (None: now).

    If the database cannot be read, `database_up` is 0, and its figures are left out.
    """

    def __init__(self, at):
        self.at = at

    def collect(self):
        yield gauge("build_info", "The version of the service", "version", {VERSION: 1})
        try:
            figures = read_figures(self.at)
        except (peewee.PeeweeException, db.driver_error) as error:
            log_fault(error)
            figures = []
        about_up = "Whether the figures of the database could be read"
        yield GaugeMetricFamily("database_up", about_up, value=bool(figures))
        yield from figures


def read_metrics(at):
    """Return all metrics as of the instant `at` (None: now) in Prometheus' text format, as bytes."""
    registry = CollectorRegistry()
    registry.register(Figures(at))
    return generate_latest(registry)
