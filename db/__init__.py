"""The database of the process: a pool of connections, and statements whose SQL is built once.

All other code reaches it through `db`, which `init_db()` fills in.
"""

from db.database import db, init_db, open_pool
from db.statements import Changes, parameter, statement
from db.transactions import ChangedMeanwhile, connected, optimistic, transactional

__all__ = [
    "ChangedMeanwhile",
    "Changes",
    "connected",
    "db",
    "init_db",
    "open_pool",
    "optimistic",
    "parameter",
    "statement",
    "transactional",
]
