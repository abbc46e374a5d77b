"""Keep Peewee from importing psycopg: it takes 12 MiB of every process, also where the database is SQLite.

Peewee imports every driver that is installed. This must be imported before it; postgres.py, where the database is one,
hands it the driver.
"""

import sys

if not {"peewee", "psycopg"} & sys.modules.keys():
    sys.modules["psycopg"] = None  # the import fails, and Peewee goes on without
    import peewee  # noqa: F401

    del sys.modules["psycopg"]
