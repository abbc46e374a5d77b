"""What differs between SQLite and Postgres: `db.dialect` is one of the two classes here.

Both have the same attributes and methods; what they mean is written once, in the first.
"""

import time
from weakref import WeakKeyDictionary

import orjson
from peewee import SQL, Column, DataError, NodeList, Select, fn


def instant_in_utc(text):
    """Return a timestamptz that Postgres has printed with the offset of UTC as the API prints it.

    Raises DataError if the session is in another time zone, as behind a pooler that does not keep TimeZone.
    """
    if not text.endswith(("+00", "+00:00")):
        raise DataError("The session is not in UTC: the pooler does not keep TimeZone and DateStyle.")
    return f"{text[:10]}T{text[11:19]}Z"


class SqliteDialect:
    """SQLite: a transaction is IMMEDIATE and so locks everything; an instant is text."""

    name = "sqlite"
    locks_all = True  # a transaction that writes, from its beginning
    # SQL of the present instant to the second, which does not change within a statement.
    clock = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"  # the machine's
    # How to begin a transaction that reads all as it is at one instant, and keeps nobody from writing.
    snapshot = "DEFERRED"
    has_lateral = False  # a join may be with what a subquery finds for each row
    # SQL that has the same value in two reads only if nothing was committed between them: see cached_totals.py.
    state = "(SELECT data_version FROM pragma_data_version) || ' ' || total_changes()"

    def __init__(self, database):
        self.database, self.totals_by_connection = database, WeakKeyDictionary()

    def cached_totals(self):
        """Return the cached totals, by kind, whose `state` this thread's connection may compare."""
        return self.totals_by_connection.setdefault(self.database.connection(), {})

    def now(self):
        """Return the present instant of a read, or None where its statement reads the clock itself.

        SQLite would read the same clock, but once for each place in a statement: 5 % of a GET one.
        """
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    # --- expressions

    def days_later(self, instant, days):
        """Return the instant so many times 24 hours later; `days` is an expression."""
        return fn.strftime("%Y-%m-%dT%H:%M:%SZ", instant, days.concat(" days"))

    def list_value(self, values):
        """Return a list as the value of one parameter, for is_in_list()."""
        return orjson.dumps(values).decode()

    def list_rows(self, values):
        """Return a query of what is in the list that the parameter `values` is, as the column `value`."""
        return Select([NodeList((SQL("json_each("), values, SQL(")")), glue="")], [SQL("value").alias("value")])

    def is_in_list(self, column, values):
        """Return the condition that a column's value is in the list that the parameter `values` is."""
        return column.in_(NodeList((SQL("(SELECT value FROM json_each("), values, SQL("))")), glue=""))

    def rows_value(self, rows):
        """Return rows, as dicts, as the value of one parameter, for rows_of()."""
        return orjson.dumps(rows).decode()

    def rows_of(self, values, types, is_one):
        """Return a query of the rows that the parameter `values` is; `types` are those of fields, by name.

        `is_one` says that it is one row, which the planner may want to know.
        """
        columns = [SQL(f"value ->> '{name}'").alias(name) for name in types]
        return Select([NodeList((SQL("json_each("), values, SQL(")")), glue="")], columns)

    def least(self, first, second):
        """Return the lesser of two expressions, neither of which is null."""
        return fn.MIN(first, second)

    # --- rows

    def json_array(self, *values):
        """Return the expression of a JSON array of the values, as text."""
        return fn.json_array(*values)

    def rows_as_json(self, sql, columns):
        """Return the SQL that reads the rows of a query as one row, in JSON; `columns` are names for its columns."""
        names = ", ".join(columns)
        in_one = f"SELECT json_group_array(json_array({names})) FROM listed"  # noqa: S608 (our own names)
        return f"WITH listed ({names}) AS ({sql}) {in_one}"

    def rows_of_json(self, data, instants):
        """Return the rows that rows_as_json() has made one of; `instants` are the numbers of the columns with one."""
        return orjson.loads(data)

    def rows_sql(self, sql, width):
        """Return the SQL that reads the rows of a query; `width` is the number of its columns.

        All rows come as one, in JSON: SQLite releases the GIL for each row, and Python then must wait for it.
        """
        return self.rows_as_json(sql, [f"c{number}" for number in range(width)])

    def fetch_rows(self, cursor):
        """Return the rows that rows_sql() has made one of."""
        return orjson.loads(cursor.fetchone()[0])

    def json_of_rows(self, columns):
        """Return an aggregate: the columns of all rows, as the text of a JSON array of arrays."""
        return fn.json_group_array(fn.json_array(*columns))

    def version(self, model):
        """Return the expression that differs, for a row of the model, after each write to it; null if `locks_all`."""
        return SQL("NULL")

    def stream(self, table, sql):
        """Give the rows of a query on a table, in a transaction, without keeping all of them in memory."""
        yield from self.database.execute_sql(sql)

    # --- whole tables

    def lock_tables(self, tables):
        """Keep others from writing to the tables until the transaction ends."""

    def insert_rows(self, table, columns, rows):
        """Insert many rows in one go."""
        places = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 (our own names)
        self.database.cursor().executemany(sql, rows)

    def analyze(self, table):
        """Let the planner know what is in the table now; on SQLite the service keeps no statistics."""

    def last_id(self, table):
        """Return the highest id that the table ever gave."""
        sql = f"SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = '{table}'"  # noqa: S608 (our own names)
        return self.database.execute_sql(sql).fetchone()[0]

    def set_last_id(self, table, number):
        """Let the ids of the table go on after a number."""
        self.database.execute_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        self.database.execute_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))


class PostgresDialect:
    """Postgres: rows and numbers are locked one by one; an instant is a timestamptz."""

    name = "postgres"
    locks_all = False
    json_types = {"UTC": "timestamptz", "BIGAUTO": "bigint", "BIGINT": "bigint", "BOOL": "boolean", "TEXT": "text"}
    # The server's, so that instances agree. Not clock_timestamp(), for which no index is used, since it may change
    # within a statement; nor now(), which stands still in a transaction that waited for a lock.
    clock = "date_trunc('second', statement_timestamp())"
    snapshot = "REPEATABLE READ READ ONLY"
    has_lateral = True
    state = (
        "CASE WHEN NOT pg_is_in_recovery() THEN concat_ws(' ', pg_current_snapshot(), pg_postmaster_start_time(),"
        " inet_server_addr(), inet_server_port(), (SELECT checkpoint_lsn FROM pg_control_checkpoint())) END"
    )

    def __init__(self, database):
        self.database, self.totals_of_all_connections = database, {}

    def cached_totals(self):
        return self.totals_of_all_connections

    def now(self):
        return None

    def days_later(self, instant, days):
        return instant + days * SQL("interval '24 hours'")  # '1 day' would follow the session's time zone

    def list_value(self, values):
        return values

    def list_rows(self, values):
        return Select(columns=[fn.unnest(values.cast("text[]")).alias("value")])

    def is_in_list(self, column, values):
        return column == fn.ANY(values)

    def rows_value(self, rows):
        return orjson.dumps(rows if len(rows) > 1 else rows[0]).decode()

    def rows_of(self, values, types, is_one):
        columns = ", ".join(f"{name} {self.json_types[field_type]}" for name, field_type in types.items())
        read = "json_to_record" if is_one else "json_to_recordset"
        rows = NodeList((SQL(f"{read}("), values, SQL(f") AS given({columns})")), glue="")
        return Select([rows], [SQL(name).alias(name) for name in types])

    def least(self, first, second):
        return fn.LEAST(first, second)

    def json_array(self, *values):
        return fn.json_build_array(*values).cast("text")

    def rows_as_json(self, sql, columns):
        names = ", ".join(columns)
        # As text, or psycopg would load it in a slower way.
        in_one = f"SELECT COALESCE(json_agg(json_build_array({names}))::text, '[]') FROM listed"  # noqa: S608 (as above)
        return f"WITH listed ({names}) AS ({sql}) {in_one}"

    def rows_of_json(self, data, instants):
        rows = orjson.loads(data)
        for row in rows:
            for number in instants:
                if row[number] is not None:
                    row[number] = instant_in_utc(row[number])
        return rows

    def rows_sql(self, sql, width):
        return sql

    def fetch_rows(self, cursor):
        return cursor.fetchall()

    def json_of_rows(self, columns):
        return fn.COALESCE(fn.json_agg(fn.json_build_array(*columns)).cast("text"), "[]")

    def version(self, model):
        return Column(model._meta.table, "xmin").cast("text")

    def stream(self, table, sql):
        with self.database.connection().cursor(name=table) as cursor:  # held by the server, and read in portions
            cursor.itersize = 1000
            yield from cursor.execute(sql)

    def lock_tables(self, tables):
        self.database.execute_sql(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")

    def insert_rows(self, table, columns, rows):
        # Not a statement a row: a trigger of a statement, as one that counts, would be run for each.
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
