"""What differs between the SQL of SQLite and of Postgres: `db.dialect` is an instance of one of the two classes here.

Both classes have the same methods and attributes. The first class says what they mean.
"""

import orjson
from peewee import SQL, DataError, NodeList, Select, fn


def instant_in_utc(text):
    """Return an instant as the API prints it, from the text that Postgres sends for a timestamptz.

    Raises DataError if the session is not in UTC. It is not if a pooler does not keep TimeZone for each client.
    """
    if not text.endswith(("+00", "+00:00")):
        raise DataError("The session is not in UTC: the pooler does not keep TimeZone and DateStyle.")
    return f"{text[:10]}T{text[11:19]}Z"


class SqliteDialect:
    """SQLite: a transaction that may write locks the whole database from its beginning; an instant is text."""

    name = "sqlite"
    # The present instant, to the second. It does not change within a statement. SQLite takes it from the machine.
    clock = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"
    clock_after_wait = clock  # in RETURNING: the instant after the statement has waited for others, if it did
    snapshot = "DEFERRED"  # how a transaction begins that reads everything as of one instant, and blocks no write
    # Whether a query sends all of its rows as one, in JSON. SQLite releases the GIL for each row, and Python then waits
    # for it: with eight clients, a page of 20 rows would take 15 % more of the CPU, one of 1,000 rows twice as much.
    packs_rows = True
    has_lateral = False  # whether a join may be with a subquery that uses the row it is joined to
    # It has the same value in two reads only if nothing was committed between them: see paging.py. The first
    # number changes if another connection commits; the second counts the rows that this connection has changed.
    state = "(SELECT data_version FROM pragma_data_version) || ' ' || total_changes()"
    least = staticmethod(fn.MIN)  # the lesser of two expressions, neither of which may be null

    def __init__(self, database):
        self.database = database

    # --- expressions

    def list_parameter(self, values):
        """Return a list as the value of one parameter, for rows_of_list() and is_in_list()."""
        return orjson.dumps(values).decode()

    def rows_of_list(self, values):
        """Return the query of the texts or numbers of the list in the parameter `values`; its column is `value`."""
        return Select([fn.json_each(values)], [SQL("value")])

    def is_in_list(self, column, values):
        """Return the condition that a column's value is in the list in the parameter `values`."""
        return column.in_(self.rows_of_list(values))

    def for_update(self, query):
        """Return a query that also locks the rows that it selects, until the transaction ends."""
        return query

    def for_share(self, query, table):
        """Return a query that also keeps others from changing the rows of a table that it selects."""
        return query

    def json_array(self, *values):
        """Return the expression of a JSON array of the values, as text."""
        return fn.json_array(*values)

    # --- rows

    def stream(self, table, sql):
        """Yield the rows of a query on a table, within a transaction, without all of them in memory."""
        yield from self.database.execute_sql(sql)

    # --- whole tables

    def lock_table(self, table):
        """Keep others from writing to the table until the transaction ends; on SQLite it has locked everything."""

    def insert_rows(self, table, columns, rows):
        """Insert many rows in one go."""
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 (our own names)
        self.database.cursor().executemany(sql, rows)

    def analyze(self, table):
        """Let the planner know what is in the table now. (The service works without statistics on SQLite.)"""

    def last_id(self, table):
        """Return the highest id that a row of the table ever had."""
        sql = f"SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = '{table}'"  # noqa: S608 (our own names)
        return self.database.execute_sql(sql).fetchone()[0]

    def set_last_id(self, table, number):
        """Give the next row of the table the id after this number."""
        self.database.execute_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        self.database.execute_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))


class PostgresDialect:
    """Postgres: a transaction locks the rows that it writes; an instant is a timestamptz."""

    name = "postgres"
    # The server's clock, so that instances agree. Not clock_timestamp(): it may change within a statement, so no index
    # is used. Not now(): in a transaction that waited for a lock it is the instant before the wait.
    clock = "date_trunc('second', statement_timestamp())"
    clock_after_wait = "date_trunc('second', clock_timestamp())"
    snapshot = "REPEATABLE READ READ ONLY"
    packs_rows = False
    has_lateral = True
    # A transaction's id never comes again within one run of a server. After a crash it may, but the recovery ends with
    # a checkpoint, so checkpoint_lsn is another one. Behind a pooler, the server itself may be another one.
    state = (
        "CASE WHEN NOT pg_is_in_recovery() THEN concat_ws(' ', pg_current_snapshot(), pg_postmaster_start_time(),"
        " inet_server_addr(), inet_server_port(), (SELECT checkpoint_lsn FROM pg_control_checkpoint())) END"
    )
    least = staticmethod(fn.LEAST)

    def __init__(self, database):
        self.database = database

    def list_parameter(self, values):
        return values

    def rows_of_list(self, values):
        bytewise = NodeList((values.cast("text[]"), SQL('COLLATE "C"')))  # as the column of the ids
        return Select(columns=[fn.unnest(bytewise).alias("value")])

    def is_in_list(self, column, values):
        return column == fn.ANY(values)

    def for_update(self, query):
        return query.for_update()

    def for_share(self, query, table):
        return query.for_update("FOR SHARE", of=table)

    def json_array(self, *values):
        return fn.json_build_array(*values).cast("text")

    def stream(self, table, sql):
        with self.database.connection().cursor(name=table) as cursor:  # the server sends some rows at a time
            cursor.itersize = 1000
            yield from cursor.execute(sql)

    def lock_table(self, table):
        self.database.execute_sql(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")

    def insert_rows(self, table, columns, rows):
        with self.database.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def analyze(self, table):
        self.database.execute_sql(f"ANALYZE {table}")

    def last_id(self, table):
        sql = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {table}_id_seq"  # noqa: S608 (our own names)
        return self.database.execute_sql(sql).fetchone()[0]

    def set_last_id(self, table, number):
        self.database.execute_sql("SELECT setval(%s, %s)", (f"{table}_id_seq", number))
