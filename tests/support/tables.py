"""How the tests read and write tables (CSV)."""

import csv
import io

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"


def read_lines(data, separator=","):
    """Return the lines of a table, in bytes, as dicts of cells by column."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator))


def table_of(lines, separator=","):
    """Return lines, dicts of cells by column, as the bytes of a table; a column that a line lacks is empty."""
    text = io.StringIO()
    columns = list(dict.fromkeys(column for line in lines for column in line))
    writer = csv.DictWriter(text, columns, restval="", delimiter=separator)
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def download(client, path, query=""):
    """Return the lines of a table that the service has."""
    response = client.get(f"{path}.csv{query}")
    assert response.status_code == 200, response.text
    return read_lines(response.data)


def upload(client, path, lines, query="", **headers):
    """Upload lines, or the bytes of a table; return the response."""
    data = lines if isinstance(lines, bytes) else table_of(lines)
    return client.post(f"{path}.csv{query}", data=data, content_type="text/csv", **headers)


def outcomes(response):
    """Return what each line of an upload did, as words in their order."""
    assert response.status_code == 200, response.text
    return [line["outcome"] for line in response.json["data"]]
