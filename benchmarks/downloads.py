"""Measure a download of all mentors beside walks of the same rows as JSON, over gunicorn, with one connection."""

import http.client
import json
import time
from statistics import median

from benchmarks.kinds import MENTORS
from benchmarks.over_gunicorn import PORT, Served

LIMITS = (1000, 20)  # rows: the largest page, and that of a client who asks for none


def download(connection):
    """Read the table of all mentors; return the seconds it took."""
    begun = time.perf_counter()
    connection.request("GET", f"{MENTORS}.csv")
    connection.getresponse().read()
    return time.perf_counter() - begun


def walk(connection, limit):
    """Read all mentors page by page; return the seconds it took."""
    begun, after = time.perf_counter(), ""
    while after is not None:
        connection.request("GET", f"{MENTORS}?limit={limit}&after={after}")
        after = json.loads(connection.getresponse().read())["pagination"]["next"]
    return time.perf_counter() - begun


def measure(url, rounds):
    """Return the figures of each, measured in turns."""
    downloads, walks = [], {limit: [] for limit in LIMITS}
    with Served(PORT, DATABASE_URL=url) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        before = served.memory()
        for _ in range(rounds):
            downloads.append(download(connection))
            for limit in LIMITS:
                walks[limit].append(walk(connection, limit))
        connection.close()
        grown = served.memory() - before
    whole = median(downloads)
    figures = {"seconds": round(whole, 2), "memory_grown_mib": grown}
    walked = {limit: median(seconds) for limit, seconds in walks.items()}
    return {
        "a table of all mentors": figures | {"of_the_table": 1},
        **{
            f"walked as JSON, {limit} a page": dict.fromkeys(figures, "")
            | {"seconds": round(seconds, 2), "of_the_table": round(seconds / whole, 2)}
            for limit, seconds in walked.items()
        },
    }
