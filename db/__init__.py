"""The database of the process: a pool of connections, and statements whose SQL is built once.

All other code reaches it through `db`, which `init_db()` fills in.
"""

from db.database import db, init_db, open_pool
from db.statements import parameter, read_clock, statement
from db.transactions import connected, transactional

__all__ = ["connected", "db", "init_db", "open_pool", "parameter", "read_clock", "statement", "transactional"]
