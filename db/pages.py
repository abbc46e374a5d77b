"""One page of a list and its total, from one statement; or one page of a walk."""

from contextlib import nullcontext

from peewee import JOIN, SQL, Case, Select

from db import connected, db, parameter, slow_read

LIMIT, OFFSET = parameter("limit"), parameter("offset")
EVERY_ROW = SQL("*")
FEW = 1000  # so many rows are found and sorted sooner than a whole list is walked in order
SHORT = 1000  # rows; who skips more than these, or filters, may have to look at very many


def counting(query):
    """Return the query of a total as a common table expression with the one column `n`."""
    return query.cte("total", columns=("n",))


def with_total(total, page, names, order, *others):
    """Select the rows of a page, each with the total; past the last page, one row that has nothing but the total.

    `names` are those of the page's columns, and `order` gives its order for the page as a subquery.
    """
    page = page.alias("page")
    columns = [getattr(page.c, name) for name in names]
    every = Select([total.join(page, JOIN.LEFT_OUTER, on=SQL("TRUE"))], [*columns, total.c.n])
    return every.order_by(*order(page)).with_cte(*others, total).bind(db)


def one_of(total, few, many):
    """Select the rows of the first query if the total is small, else those of the second; the other one does nothing.

    SQLite cannot know how many rows a condition finds. A few are better found and sorted; of many, the first in an
    order are better found by an index of that order.
    """
    is_few = Select([total], [total.c.n]) <= FEW
    few = few.limit(Case(None, [(is_few, LIMIT)], 0)).offset(OFFSET).alias("few")
    many = many.limit(Case(None, [(is_few, 0)], LIMIT)).offset(OFFSET).alias("many")
    return Select([few], [EVERY_ROW]).union_all(Select([many], [EVERY_ROW]))


def slow_where(shape, page):
    """Wait among the slow reads where very many rows may have to be looked at.

    Raises MaxConnectionsExceeded if the turn does not come in time.
    """
    return slow_read() if shape or page.offset > SHORT else nullcontext()


def fetch_page(quick, whole, page, shape, **values):
    """Return the rows of a counted page, and the total.

    `quick` and `whole` return statements whose rows end with the total. The first is asked first, and has none past
    the end; the second then has one that is null but for the total.
    """
    with slow_where(shape, page):
        rows = fetch_rows(quick(), limit=page.limit, offset=page.offset, **values)
        rows = rows or fetch_rows(whole(), limit=page.limit, offset=page.offset, **values)
    return [row[:-1] for row in rows if row[0] is not None], rows[0][-1]


def fetch_walk(statement, page, shape, after, **values):
    """Return the rows of a page of a walk, and whether more follow: one row more is read to know that."""
    with slow_where(shape, page):
        rows = fetch_rows(statement, limit=page.limit + 1, after=after, **values)
    return rows[: page.limit], len(rows) > page.limit


@connected
def fetch_rows(statement, **values):
    return statement.rows(**values)
