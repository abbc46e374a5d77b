"""Print the tables of docs/measure.md from what `--json` has printed for each database.

python -m benchmarks --db sqlite --json > sqlite.json
python -m benchmarks --db postgres --json > postgres.json
python -m benchmarks.readme sqlite.json postgres.json
"""

import json
import sys
from pathlib import Path


def row(*cells):
    print(f"| {' | '.join(cells)} |")


def over_gunicorn(databases):
    """Print each kind of request with its figures of SQLite, and then of Postgres."""
    figures = [of_one["over_gunicorn"] for of_one in databases]
    columns = ("of the floor", "p50 / p99, ms")
    row("over gunicorn: one worker, eight connections", "SQLite, a second", *columns, "Postgres, a second", *columns)
    print("|---" + "|--:" * 6 + "|")
    for name in figures[0]:
        cells = [
            (f"{one['per_second']:,}", f"{one['of_the_floor']:.2f}", f"{one['p50_ms']:.1f} / {one['p99_ms']:.1f}")
            for one in (each[name] for each in figures)
        ]
        row(name, *cells[0], *cells[1])


def counted_lists(databases):
    """Print the p50 of page 1 of each list, of SQLite and of Postgres."""
    figures = [of_one["counted_lists"] for of_one in databases]
    row(
        "page 1 in process, p50 in ms: SQLite / Postgres",
        *(f"list of {name}" for name in ("all", "the paused", "the active")),
    )
    print("|---" + "|--:" * 3 + "|")
    for size in figures[0]:
        row(size, *(f"{figures[0][size][name]:.2f} / {figures[1][size][name]:.2f}" for name in figures[0][size]))


def far_database(databases):
    """Print the p50 of the requests that were measured with a database a millisecond away."""
    row("in process, p50 in ms", "Postgres beside the service", "1 ms away, each way")
    print("|---|--:|--:|")
    for name, figures in databases[1]["far_database"].items():
        row(name, f"{figures['beside_ms']:.2f}", f"{figures['far_ms']:.2f}")


if __name__ == "__main__":
    both = [json.loads(Path(path).read_text()) for path in sys.argv[1:3]]
    for table in (over_gunicorn, counted_lists, far_database):
        table(both)
        print()
