"""SQL on several lines, for a reader."""

import re
import textwrap

from db.statements import Parameter

WIDTH, INDENT = 110, "  "
CLAUSE = re.compile(r"(?:WITH|SELECT|FROM|WHERE|LEFT OUTER JOIN|LEFT JOIN LATERAL|ORDER BY|LIMIT|UNION ALL)\b")
QUERY = re.compile(r"\((?=SELECT\b|WITH\b)")
TEXT = re.compile(r"'[^']*'")
PLACE = re.compile(r"%s|\?")
QUOTED_NAME = re.compile(r'"([a-z_][a-z_0-9]*)"')


def format_sql(sql, parameters):
    """Return SQL with a line for each clause, each query in parentheses indented, and the names of its parameters."""
    values = iter(parameters)
    sql = PLACE.sub(lambda _place: shown(next(values)), QUOTED_NAME.sub(r"\1", sql))
    lines, line, depth, open_queries, at = [], "", 0, [], 0

    def end_line():
        nonlocal line
        if line.strip():
            indent = INDENT * len(open_queries)
            lines.extend(textwrap.wrap(indent + line.strip(), WIDTH, subsequent_indent=indent + 2 * INDENT))
        line = ""

    while at < len(sql):
        is_in_clause = depth == (open_queries[-1] if open_queries else 0)
        if text := TEXT.match(sql, at):
            line, at = line + text[0], text.end()
        elif QUERY.match(sql, at):
            line += "("
            end_line()
            depth, at = depth + 1, at + 1
            open_queries.append(depth)
        elif sql[at] == ")" and open_queries and is_in_clause:
            end_line()
            open_queries.pop()
            line, depth, at = ")", depth - 1, at + 1
        elif is_in_clause and (clause := CLAUSE.match(sql, at)) and not sql[at - 1 : at].isalnum():
            end_line()
            line, at = clause[0], clause.end()
        else:
            depth += {"(": 1, ")": -1}.get(sql[at], 0)
            line, at = line + sql[at], at + 1
    end_line()
    return "\n".join(lines)


def shown(value):
    """Return a parameter as `:name`, and a value that never changes as SQL has it."""
    if isinstance(value, Parameter):
        return f":{value}"
    return f"'{value}'" if isinstance(value, str) else str(value)
