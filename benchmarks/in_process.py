"""Measure through WSGI in this process: no network, no other thread, the code alone."""

import io
import sys
import time
from statistics import median, quantiles

from benchmarks.kinds import create_floor

SECONDS = 0.5  # of one measurement


def environ(method, path, query, body):
    """Return the WSGI environment of a request."""
    sent = (body or "").encode()
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(sent)),
        "wsgi.input": io.BytesIO(sent),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
    }


def call(app, request):
    """Send one request through WSGI; return the body of its answer, which must be a success."""
    told = []
    body = b"".join(app(environ(*request), lambda status, headers, exc_info=None: told.append(status)))
    assert told[0][:3] in ("200", "201"), (request, told, body)
    return body


def timed(app, make, number):
    """Send requests from the given number on, for a while; return the seconds of each, and the next number."""
    seconds, until = [], time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        request = make(number)
        begun = time.perf_counter()
        call(app, request)
        seconds.append(time.perf_counter() - begun)
        number += 1
    return seconds, number


def measure(app, kinds, sizes, rounds):
    """Return the figures of each kind beside its floor, measured in turns."""
    figures = {}
    for name, make in kinds.items():
        floor, number = create_floor(sizes[name]), 1
        own, bare, every = [], [], []
        for _ in range(rounds):
            seconds, number = timed(app, make, number)
            own.append(len(seconds) / sum(seconds))
            every += seconds
            seconds, _ = timed(floor, make, 0)
            bare.append(len(seconds) / sum(seconds))
        cuts = quantiles(every, n=100)
        figures[name] = {
            "per_second": round(median(own)),
            "floor_per_second": round(median(bare)),
            "of_the_floor": round(median(own) / median(bare), 3),
            "p50_ms": round(cuts[49] * 1000, 2),
            "p99_ms": round(cuts[98] * 1000, 2),
        }
    return figures


def median_ms(app, make, rounds, number=1):
    """Return the p50 of a kind of request in ms; the first answers, for which plans are made, do not count."""
    every = []
    for _ in range(rounds + 1):
        seconds, number = timed(app, make, number)
        every.append(seconds)
    return round(median(each for seconds in every[1:] for each in seconds) * 1000, 2)
