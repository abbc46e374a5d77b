"""What Prometheus reads at /metrics: figures of the database, read for each scrape, and the version of the service.

So every worker answers the same, and no worker keeps anything between two scrapes.
"""

import peewee
from peewee import Select, fn
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from db import db, statement
from mentors.formats import seconds_between
from mentors.pauses import PauseSQL, day_parameters
from models import MentorStatus, PauseRecord
from settings import VERSION
from web.logs import log_fault


@statement
def count_everything_statement():
    pause_sql = PauseSQL.of_read()
    pauses = PauseRecord.select(fn.COUNT(PauseRecord.id))
    oldest_overdue = PauseRecord.select(fn.MIN(PauseRecord.expected_return_date)).where(pause_sql.overdue(PauseRecord))
    columns = (
        MentorStatus.select(fn.COUNT(MentorStatus.mentor_id)),
        pause_sql.count_paused(PauseRecord),
        pauses,
        pauses.where(pause_sql.scheduled(PauseRecord)),
        pauses.where(pause_sql.in_force(PauseRecord)),
        pauses.where(pause_sql.overdue(PauseRecord)),
        pauses.where(pause_sql.undated(PauseRecord)),
        oldest_overdue,
        pause_sql.instant,
    )
    return Select(columns=columns)


def read_metrics(at):
    """Return all metrics as of the instant `at` (None: now) in Prometheus' text format, as bytes.

    If the database cannot be read, `database_up` is 0, and its figures are left out.
    """
    registry = CollectorRegistry()
    add_gauge(registry, "build_info", "The version of the service", "version", {VERSION: 1})
    database_up = Gauge("database_up", "Whether the figures of the database could be read", registry=registry)
    try:
        with db.slow_read_turns:
            row = count_everything_statement().row(**day_parameters(at))
    except (peewee.PeeweeException, db.driver_error) as error:
        log_fault(error)
    else:
        database_up.set(1)
        add_figures(registry, row)
    return generate_latest(registry)


def add_figures(registry, row):
    """Add the metrics of mentors and pauses, read by count_everything_statement()."""
    mentors, paused, records, scheduled, current, overdue, undated, oldest, now = row
    pauses = {
        "scheduled": scheduled,
        "current": current,
        "overdue": overdue,
        "undated": undated,
        "ended": records - current - scheduled,
    }
    about_age = "How long ago the mentor was expected back who is overdue the longest; 0 if nobody is"
    add_gauge(registry, "mentors", "Mentors by status", "status", {"active": mentors - paused, "paused": paused})
    add_gauge(registry, "pauses", "Pauses by phase; current includes overdue and undated", "phase", pauses)
    age = Gauge("oldest_overdue_pause_seconds", about_age, registry=registry)
    age.set(seconds_between(oldest, now) if oldest else 0)


def add_gauge(registry, name, about, label, values):
    """Add a gauge with one label; `values` has a number for each value of the label."""
    gauge = Gauge(name, about, [label], registry=registry)
    for label_value, number in values.items():
        gauge.labels(label_value).set(number)
