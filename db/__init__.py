"""The database of the process: a pool of connections, and statements whose SQL is built once.

All other code reaches it through `db`, which `init_db()` fills in.
"""

from db.database import db, init_db, on_connection, open_pool, transactional
from db.statements import parameter, read_clock, statement

__all__ = ["db", "init_db", "on_connection", "open_pool", "parameter", "read_clock", "statement", "transactional"]
