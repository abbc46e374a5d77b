"""What Prometheus reads at /metrics: requests and connections of all workers, and figures of the database.

gunicorn.conf.py sets PROMETHEUS_MULTIPROC_DIR for its workers. If it is set, prometheus_client writes the metrics of
each process to files in this folder, and the worker that answers a scrape adds up all the files.
"""

import os
import time
from collections import deque
from functools import cache

import peewee
from peewee import Select, fn

if not os.path.isdir(os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")):
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)  # its service has ended, and every command would fail

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from db import db, statement
from mentors.formats import seconds_between
from mentors.pauses import At
from models import MentorStatus, PauseRecord
from settings import VERSION
from web.logs import log_fault

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")  # any other one is "other"
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # the buckets of the histogram
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

this_process = CollectorRegistry()
by_route = {"labelnames": ("method", "route", "status"), "registry": this_process}
summed = {"multiprocess_mode": "livesum", "registry": this_process}  # over the workers that run now

requests = Counter("http_requests", "Requests answered, by route and status", **by_route)
seconds_to_answer = Histogram(
    "http_request_duration_seconds", "Time until the answer begins, by route and status", buckets=SECONDS, **by_route
)
connections = Gauge("database_connections_max", "Connections that the pools may have", **summed)
in_15_s = "the most at once in the last 15 seconds"  # the usual time between two scrapes
connections_in_use = Gauge("database_connections_in_use", f"Connections that requests have, {in_15_s}", **summed)
requests_waiting = Gauge("database_requests_waiting", f"Requests that wait for a connection, {in_15_s}", **summed)
latest_samples = deque(maxlen=15)  # of connections in use and requests waiting; there is one each second


# --- requests and connections


def count_request(route, method, status, seconds):
    """Count a request. `route` is as Flask writes it (None if no view answers), `status` has three digits."""
    counter, histogram = series_of(route, method if method in METHODS else "other", status)
    counter.inc()
    histogram.observe(seconds)


@cache
def series_of(route, method, status):
    """Return the counter and the histogram for these labels. Cached: to look them up takes 3 % of a GET one."""
    # Flask writes <mentor_id>; the API description writes {mentor_id}.
    labels = method, route.replace("<", "{").replace(">", "}") if route else "none", status
    return requests.labels(*labels), seconds_to_answer.labels(*labels)


def sample_pool():
    """Set the gauges of this process to what its pool of connections has had in the latest samples.

    If the database hangs, all connections are in use until the requests give up, all at the same time; then it begins
    again. So what is true at the instant of a scrape may be true at no other one.
    """
    pool = db.obj
    connections.set(pool.size)
    latest_samples.append((pool.size - pool.semaphore.free, len(pool.semaphore.waits)))
    in_use, waiting = zip(*latest_samples, strict=True)
    connections_in_use.set(max(in_use))
    requests_waiting.set(max(waiting))


def sample_for_ever():
    """Sample the pool every second, for the scrapes that other workers answer."""
    while True:
        sample_pool()
        time.sleep(1)


# --- figures of the database


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


class ReadOnScrape:
    """Reads the figures of the database for each scrape. (The version is here, since Info has no multiprocess mode.)"""

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
    """Return all metrics in Prometheus' text format. If the database cannot be read, its figures are left out."""
    sample_pool()
    registry = CollectorRegistry()
    registry.register(MultiProcessCollector(None) if FOLDER else this_process)
    registry.register(ReadOnScrape(at))
    return generate_latest(registry)
