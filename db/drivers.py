"""Keep Peewee from importing psycopg: it takes 12 MiB of every process, also where the database is SQLite.

Peewee imports every driver that is installed, and so does its runner of migrations. This must be imported before them;
postgres.py, where the database is one, hands Peewee the driver.
"""

import sys

if not {"peewee", "psycopg"} & sys.modules.keys():
    sys.modules["psycopg"] = None  # the import fails, and Peewee goes on without
    import playhouse.migrations  # noqa: F401 which imports Peewee

    del sys.modules["psycopg"]
