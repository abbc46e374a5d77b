"""What Prometheus reads at /metrics: requests and connections of all workers, and figures of the database.

gunicorn.conf.py sets PROMETHEUS_MULTIPROC_DIR for its workers. With it, prometheus_client keeps the metrics of each
process in files of this folder, and a scrape adds up the files, whichever worker answers.
"""

import os
import threading
import time
from datetime import datetime
from functools import cache

import peewee
from peewee import Select, fn
from playhouse.pool import MaxConnectionsExceeded
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from db import connected, db, slow_read, statement
from mentors.pauses import At
from models import MentorStatus, PauseRecord
from settings import VERSION
from web.logs import log_fault

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")  # any other one is "other"
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds
SAMPLE_EVERY = 1  # seconds
TEMPLATE = str.maketrans("<>", "{}")  # Flask writes <mentor_id> for what the API description calls {mentor_id}

of_this_process = CollectorRegistry()
of_request = {"labelnames": ("method", "route", "status"), "registry": of_this_process}
of_pool = {"multiprocess_mode": "livesum", "registry": of_this_process}

requests = Counter("http_requests", "Requests answered, by route and status", **of_request)
seconds_to_answer = Histogram(
    "http_request_duration_seconds", "Time until the answer begins, by route and status", buckets=BUCKETS, **of_request
)
connections = Gauge("database_connections_max", "Connections that the pools may have", **of_pool)
connections_in_use = Gauge("database_connections_in_use", "Connections that a request has", **of_pool)
requests_waiting = Gauge("database_requests_waiting", "Requests that wait for a connection", **of_pool)


# --- requests and connections


def count_request(route, method, status, seconds):
    """Count a request: the template of its route (None: there is none), its method, the digits of its status."""
    counter, histogram = series_of(route, method if method in METHODS else "other", status)
    counter.inc()
    histogram.observe(seconds)


@cache
def series_of(route, method, status):
    """Return the counter and the histogram of such requests; to look them up each time takes 3 % of a GET one."""
    labels = method, route.translate(TEMPLATE) if route else "none", status
    return requests.labels(*labels), seconds_to_answer.labels(*labels)


def sample_pool():
    """Set the gauges to what the pool of connections of this process says now."""
    pool = db.obj
    connections.set(pool.size)
    connections_in_use.set(pool.size - pool.semaphore.free)
    requests_waiting.set(len(pool.semaphore.waits))


def keep_sampling():
    """Sample the pool every second, so that a scrape that another worker answers finds the gauges of this one."""

    def sample_for_ever():
        while True:
            sample_pool()
            time.sleep(SAMPLE_EVERY)

    threading.Thread(target=sample_for_ever, daemon=True).start()


# --- figures of the database


@statement
def count_everything():
    at, record = At.of_read(), PauseRecord

    def count(condition):
        return record.select(fn.COUNT(record.id)).where(condition)

    oldest = record.select(fn.MIN(record.expected_return_date)).where(at.overdue(record))
    columns = (
        MentorStatus.select(fn.COUNT(MentorStatus.mentor_id)),
        at.count_paused(record),
        record.select(fn.COUNT(record.id)),
        count(at.scheduled(record)),
        count(at.in_force(record)),
        count(at.overdue(record)),
        oldest,
        at.instant,
    )
    return Select(columns=columns).bind(db)


@connected
def run_count(at):
    return count_everything().rows(at=at)[0]


def read_figures(at):
    """Return the metrics of mentors and pauses as of the instant `at` (None: now): one statement, true at one instant.

    As in the API, the phase `current` includes `overdue`.
    """
    with slow_read():
        mentors, paused, records, scheduled, current, overdue, oldest, now = run_count(at)
    age = (datetime.fromisoformat(now) - datetime.fromisoformat(oldest)).total_seconds() if oldest else 0
    pauses = {
        "scheduled": scheduled,
        "current": current,
        "overdue": overdue,
        "ended": records - current - scheduled,
    }
    about_age = "How long ago the mentor was expected back who is overdue the longest; 0 if nobody is"
    return [
        gauge("mentors", "Mentors by status", "status", {"active": mentors - paused, "paused": paused}),
        gauge("pauses", "Pauses by phase; current includes overdue", "phase", pauses),
        GaugeMetricFamily("oldest_overdue_pause_seconds", about_age, value=age),
    ]


def gauge(name, about, label, values):
    """Return a gauge with one label, of its values by the value of the label."""
    family = GaugeMetricFamily(name, about, labels=[label])
    for label_value, number in values.items():
        family.add_metric([label_value], number)
    return family


class ReadOnScrape:
    """What each scrape reads anew: the figures of the database, and the version.

    prometheus_client's own Info has no multiprocess mode.
    """

    def __init__(self, at):
        self.at = at

    def collect(self):
        yield gauge("build_info", "The version of the service", "version", {VERSION: 1})
        try:
            figures = read_figures(self.at)
        except (peewee.PeeweeException, MaxConnectionsExceeded, db.driver_error) as error:
            log_fault(error)
            figures = None
        about_up = "Whether the figures of the database could be read"
        yield GaugeMetricFamily("database_up", about_up, value=int(figures is not None))
        yield from figures or ()


def text(at):
    """Return all metrics in Prometheus' text format; without those of the database, if it cannot be read."""
    sample_pool()
    registry = CollectorRegistry()
    registry.register(MultiProcessCollector(None) if FOLDER else of_this_process)
    registry.register(ReadOnScrape(at))
    return generate_latest(registry)
