"""All rows of a list, as a client reads them: page by page, following its links, or by key."""

import re


def read_all(client, path, query, limit=7):
    """Return every row that the counted pages of a list have; the total is the same on each of them."""
    answer = client.get(path, query_string=query | {"limit": limit})
    rows, total = [], answer.json["pagination"]["total"]
    while True:
        assert (answer.status_code, answer.json["pagination"]["total"]) == (200, total), answer.text
        rows += answer.json["data"]
        following = re.search('<([^>]*)>; rel="next"', answer.headers["Link"])
        if not following:
            assert len(rows) == total
            return rows
        answer = client.get(following[1])


def read_by_key(client, path, query, limit=7):
    """Return every row that the keyset pages of a list have."""
    rows, after = [], ""
    while after is not None:
        answer = client.get(path, query_string=query | {"limit": limit, "after": after})
        assert answer.status_code == 200, answer.text
        assert len(answer.json["data"]) <= limit
        rows, after = rows + answer.json["data"], answer.json["pagination"]["next"]
    return rows
