"""Import Peewee without psycopg, which takes 12 MiB of each process and is of no use where the database is SQLite.

Peewee imports every driver that is installed and has no option against it, and playhouse.migrations does the same.
None in `sys.modules` is Python's own way to say that a module cannot be imported, so both go on without it. This works
only before anything else imports Peewee: db/__init__.py and app.py therefore import this first, and test_start.py holds
it. Where the database is Postgres, db/postgres.py imports psycopg and gives it to Peewee.
"""

import sys

if not {"peewee", "psycopg"} & sys.modules.keys():
    sys.modules["psycopg"] = None
    import playhouse.migrations  # noqa: F401 which imports Peewee

    del sys.modules["psycopg"]
