"""All that the service answers, to compare two databases."""

import json

from tests.support.commands import NOW, app_on

MENTORS, PAUSES = "/api/v1/mentor-statuses", "/api/v1/pause-records"


def everything(client):
    """Return the body of every answer there is to read: both lists, counted and walked, each one and each history."""
    answers, names = {}, {"gone"}

    def read(path):
        answers[path] = client.get(path, headers={"X-Request-ID": "the-same"}).text  # a 404 tells it
        return json.loads(answers[path])

    for listed, key in ((MENTORS, "mentor_id"), (PAUSES, "pause_record_id")):
        read(f"{listed}?limit=3")
        after = ""
        while after is not None:
            page = read(f"{listed}?limit=2&after={after}")
            for row in page["data"]:
                read(f"{listed}/{row[key]}")
                names.add(row["mentor_id"])
            after = page["pagination"]["next"]
    for name in names:
        read(f"{MENTORS}/{name}/history?after=&limit=2")
        read(f"{MENTORS}/{name}/history?limit=100")
    return answers


def everything_at(url, posted=()):
    """Return what the service answers on the database of the URL, once it got these pause records."""
    with app_on(url, clock=lambda: NOW) as app:
        client = app.test_client()
        for body in posted:
            assert client.post(PAUSES, json=body).status_code == 201
        return everything(client)
