"""On which database a test runs, if not on both: on SQLite alone where the database does not matter."""

import pytest

ON_SQLITE = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("app", ["postgres"], indirect=True)
EMPTY_SQLITE = pytest.mark.parametrize("empty_database", ["sqlite"], indirect=True)
EMPTY_POSTGRES = pytest.mark.parametrize("empty_database", ["postgres"], indirect=True)
