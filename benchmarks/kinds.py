"""The kinds of request that are measured, and the floor beside them."""

import os

from flask import Flask

MENTORS = "/api/v1/mentor-statuses"


def kinds(count):
    """Return the kinds by name: how to make the n-th request of each, as (method, path, query, body).

    `count` is how many mentors benchmarks.data has inserted.
    """
    middle, deep = f"mentor-{count // 2:07}", count // 40
    run = os.getpid()  # so that no two runs create the same mentor, or give the same reason
    return {
        "GET one": lambda n: ("GET", f"{MENTORS}/mentor-{n % count + 1:07}", "", None),
        "list of 20, page 1": lambda n: ("GET", MENTORS, "", None),
        f"list of 20, page {deep}": lambda n: ("GET", MENTORS, f"page={deep}", None),
        "list of the paused, page 1": lambda n: ("GET", MENTORS, "status=paused", None),
        "walk, in the middle": lambda n: ("GET", MENTORS, f"after={middle}", None),
        "walk of the paused, in the middle": lambda n: ("GET", MENTORS, f"after={middle}&status=paused", None),
        "POST mentor": lambda n: ("POST", MENTORS, "", f'{{"mentor_id":"new-{run}-{n}"}}'),
        "PUT mentor to paused": lambda n: (
            "PUT",
            f"{MENTORS}/mentor-{active(n, count):07}",
            "",
            f'{{"status":"paused","pause_reason":"reason {n} of {run}"}}',
        ),
    }


def active(n, count):
    """Return the n-th mentor of those whom benchmarks.data leaves active; after three fifths of all they come again."""
    return n * 5 % count + 2 + n * 5 // count % 3


def create_floor(size=None):
    """Return a Flask app that answers everything with so many constant bytes; in gunicorn FLOOR_BYTES says how many."""
    app = Flask("floor")
    constant = b"x" * (size or int(os.environ["FLOOR_BYTES"]))

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST", "PUT"])
    @app.route("/<path:path>", methods=["GET", "POST", "PUT"])
    def answer(path):
        return app.response_class(constant, mimetype="application/json")

    return app
