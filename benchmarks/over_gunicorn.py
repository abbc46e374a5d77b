"""Measure over gunicorn with `wrk`, as a client sees it: one worker, eight connections; its memory and start, too."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from statistics import median

import psutil

FOLDER = Path(__file__).parent.parent
PORT, FLOOR_PORT = 23456, 23457
SECONDS, CONNECTIONS = 2, 8
WORKERS = (1, 2, 4, 8)  # of these many the memory is measured
PATIENCE = 10  # seconds; wrk counts an answer that takes longer as an error
CROWD = 150  # connections a worker, which keep all its threads busy, with requests that none must wait long for
CROWD_SENDS = ("GET one", "list of 20, page 1", "POST mentor")
FIRST, SENT = 20_000, 10_000  # the number of the first request, after those in process; of writes no more are answered
FLOOR = ["benchmarks.kinds:create_floor()"]


class Served:
    """gunicorn, with one worker unless told otherwise, in a context; `start_ms` is the time to its first answer."""

    def __init__(self, port, app=(), **variables):
        self.port = port
        command = [sys.executable, "-m", "gunicorn", "--pythonpath", str(FOLDER), *app]
        as_in_the_procfile = {"MALLOC_ARENA_MAX": "1", "PORT": str(port)}
        env = {**os.environ, **as_in_the_procfile, "WEB_CONCURRENCY": "1", "LOG_LEVEL": "WARNING", **variables}
        begun = time.perf_counter()
        self.process = subprocess.Popen(command, cwd=FOLDER, env=env, stdout=subprocess.DEVNULL)
        while not self.answers():
            assert self.process.poll() is None, "gunicorn did not come up"
            time.sleep(0.005)
        self.start_ms = round((time.perf_counter() - begun) * 1000)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.process.terminate()
        self.process.wait()

    def answers(self):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/livez").close()
        except OSError:
            return False
        return True

    def memory(self):
        """Return the resident MiB of gunicorn's master and its workers."""
        master = psutil.Process(self.process.pid)
        return round(sum(one.memory_info().rss for one in (master, *master.children())) / 2**20)

    def load(self, requests, connections=CONNECTIONS):
        """Send the requests of a file with wrk, over and over, and return what it has measured; all must succeed."""
        script = str(FOLDER / "benchmarks/wrk.lua")
        options = ["-t1", f"-c{connections}", f"-d{SECONDS}s", "--timeout", f"{PATIENCE}s", "-s", script]
        command = ["wrk", *options, f"http://127.0.0.1:{self.port}", "--", requests]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        measured = json.loads(told.splitlines()[-1])
        assert not measured["errors"], told
        return measured


def write_requests(make, first, path):
    """Write requests from the given number on for wrk."""
    with open(path, "w") as file:
        for number in range(first, first + SENT):
            method, where, query, body = make(number)
            file.write(f"{method}\t{where}{'?' if query else ''}{query}\t{body or ''}\n")
    return str(path)


def per_second(measured):
    return measured["requests"] / measured["microseconds"] * 1e6


def measure(url, kinds, sizes, rounds, folder):
    """Return the figures of each kind beside its floor, measured in turns, and those of the process."""
    figures = {}
    with Served(PORT, DATABASE_URL=url) as own:
        process = {"start_ms": own.start_ms, "memory_mib_at_first": own.memory()}
        requests, number = 0, FIRST
        for name, make in kinds.items():
            with Served(FLOOR_PORT, FLOOR, FLOOR_BYTES=str(sizes[name])) as floor:
                measured, bare = [], []
                for _ in range(rounds):
                    sent = write_requests(make, number, Path(folder) / "requests")
                    measured.append(own.load(sent))
                    bare.append(floor.load(sent))
                    number += SENT  # a write does something new in each round
            requests += sum(one["requests"] for one in measured)
            rate, floor_rate = (median(map(per_second, ones)) for ones in (measured, bare))
            figures[name] = {
                "per_second": round(rate),
                "floor_per_second": round(floor_rate),
                "of_the_floor": round(rate / floor_rate, 3),
                "p50_ms": round(median(one["p50"] for one in measured) / 1000, 2),
                "p99_ms": round(median(one["p99"] for one in measured) / 1000, 2),
                "slowest_ms": round(max(one["slowest"] for one in measured) / 1000, 2),
            }
        process |= {"requests": requests, "memory_mib_after_them": own.memory()}
    return figures, process, memory_by_workers(url, kinds, number, folder)


def memory_by_workers(url, kinds, number, folder):
    """Return for each number of workers the MiB that they and the master take after all threads were busy."""
    figures = {}
    for workers in WORKERS:
        with Served(PORT, DATABASE_URL=url, WEB_CONCURRENCY=str(workers)) as served:
            for name in CROWD_SENDS:
                served.load(write_requests(kinds[name], number, Path(folder) / "requests"), CROWD * workers)
                number += SENT
            figures[workers] = {"all_threads_busy": served.memory()}
    return figures
