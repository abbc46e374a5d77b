"""The metrics: their names, and their text as Prometheus reads it."""

import os
import threading

import peewee
from playhouse.pool import MaxConnectionsExceeded
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from db import db
from metrics.figures import read_figures
from metrics.shared import SharedFolder
from settings import VERSION
from web.logs import log_fault

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")  # any other one is "other"
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds
SAMPLE_EVERY = 1  # seconds
LABELS = ("method", "route", "status")  # of a request
DURATION = "http_request_duration_seconds"
TEMPLATE = str.maketrans("<>", "{}")  # Flask writes <mentor_id> for what the API description calls {mentor_id}


class Metrics:
    """The metrics of this process; with a folder, of all the workers that share it."""

    def __init__(self, folder=None):
        self.shared = SharedFolder(folder) if folder else None
        if folder:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        # Set in any case: what the library found in the environment may not be ours.
        values.ValueClass = values.MultiProcessValue(lambda: self.shared.slot) if folder else values.MutexValue
        registry = self.registry = CollectorRegistry()
        about = "Time until the answer begins, by route and status"
        self.seconds = Histogram(DURATION, about, LABELS, buckets=BUCKETS, registry=registry)
        options = {"multiprocess_mode": "livesum", "registry": registry}
        self.size = Gauge("database_connections_max", "Connections that the pools may have", **options)
        self.in_use = Gauge("database_connections_in_use", "Connections that a request has", **options)
        self.waiting = Gauge("database_requests_waiting", "Requests that wait for a connection", **options)
        self.series = {}
        if folder:
            threading.Thread(target=self.sample_for_ever, daemon=True).start()

    def record(self, route, method, status, seconds):
        """Count a request: the template of its route (None: there is none), its method, the digits of its status."""
        key = route, method if method in METHODS else "other", status
        try:
            histogram = self.series[key]
        except KeyError:  # looked up once: a look-up takes longer than the counting
            template = route.translate(TEMPLATE) if route else "none"
            histogram = self.series[key] = self.seconds.labels(method=key[1], route=template, status=status)
        histogram.observe(seconds)

    def sample(self):
        """Note how many connections are in use now."""
        pool = db.obj
        self.size.set(pool.size)
        self.in_use.set(pool.size - pool.semaphore.free)
        self.waiting.set(len(pool.semaphore.waits))

    def sample_for_ever(self):
        """Sample, and keep the figures of the database young, beside the requests."""
        while True:
            self.sample()
            try:
                self.shared.refresh()
            except (*database_errors(), OSError):
                pass  # a scrape will say so
            threading.Event().wait(SAMPLE_EVERY)

    def text(self, at=None):
        """Return all metrics in Prometheus' text format; without those of the database, if it cannot be read."""
        self.sample()
        registry, counted = CollectorRegistry(), self.registry
        if self.shared:
            self.shared.forget_the_dead()
            counted = MultiProcessCollector(None, str(self.shared.path))
        registry.register(WithRequests(counted))
        registry.register(BuildInfo())
        registry.register(DatabaseFigures(self.shared.figures if self.shared else lambda: read_figures(at)))
        return generate_latest(registry)


def database_errors():
    """Return what is raised where the database cannot be read now."""
    return peewee.PeeweeException, MaxConnectionsExceeded, db.driver_error


class WithRequests:
    """Adds how many requests there were, as the histogram has counted them, so that each is written down once."""

    def __init__(self, counted):
        self.counted = counted

    def collect(self):
        for family in self.counted.collect():
            yield family
            if family.name == DURATION:
                requests = CounterMetricFamily("http_requests", "Requests answered, by route and status", labels=LABELS)
                for sample in family.samples:
                    if sample.name == f"{DURATION}_count":
                        requests.add_metric([sample.labels[name] for name in LABELS], sample.value)
                yield requests


class BuildInfo:
    """The version, in a collector of its own: prometheus_client's Info is not there with several processes."""

    def collect(self):
        family = GaugeMetricFamily("build_info", "The version of the service", labels=["version"])
        family.add_metric([VERSION], 1)
        yield family


class DatabaseFigures:
    """How many mentors and pauses there are."""

    def __init__(self, read):
        self.read = read

    def collect(self):
        try:
            figures = self.read()
        except (*database_errors(), OSError) as error:  # or the disk is full, on which they are shared
            log_fault(error)
            yield GaugeMetricFamily("database_up", "Whether the figures of the database could be read", value=0)
            return
        yield GaugeMetricFamily("database_up", "Whether the figures of the database could be read", value=1)
        for name, label, text in (
            ("mentors", "status", "Mentors by status"),
            ("pauses", "phase", "Pauses by phase; current includes overdue"),
        ):
            family = GaugeMetricFamily(name, text, labels=[label])
            for value, number in figures[name].items():
                family.add_metric([value], number)
            yield family
        yield GaugeMetricFamily(
            "oldest_overdue_pause_seconds",
            "How long ago the mentor was expected back who is overdue the longest; 0 if nobody is",
            value=figures["oldest_overdue_seconds"] or 0,
        )
