"""The database: opened from a URL, pooled, and asked through statements whose SQL is built once.

One process has one database. Everything reaches it through `db`, which `init_db()` fills in.
"""

from db.database import db, init_db, open_pool
from db.statements import VARIANTS_KEPT, Changes, Statement, parameter, run_together, statement
from db.transactions import ATTEMPTS, connected, slow_read, transactional

__all__ = [
    "ATTEMPTS",
    "VARIANTS_KEPT",
    "Changes",
    "Statement",
    "connected",
    "db",
    "init_db",
    "open_pool",
    "parameter",
    "run_together",
    "slow_read",
    "statement",
    "transactional",
]
