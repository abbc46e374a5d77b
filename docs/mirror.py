"""Keep the mentors in memory, and follow what changes them: python3 mirror.py [ADDRESS OF THE API].

If the service has tokens, MENTORS_TOKEN is one of them; the role `status` is enough. It needs Python alone.
"""

import json
import os
import sys
import time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

API = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/api/v1"
LIMIT = 1000
TOKEN = os.environ.get("MENTORS_TOKEN")
HEADERS = {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}
latest = {}  # the ETag of the last answer and the answer, by its URL: without news, the service sends a 304


def get(path, **query):
    url = f"{API}/{path}?{urlencode(query)}"
    while True:
        etag, page = latest.get(url, (None, None))
        request = Request(url, headers=HEADERS | ({"If-None-Match": etag} if etag else {}))
        try:
            with urlopen(request, timeout=30) as answer:
                page = json.load(answer)
                latest.clear()
                latest[url] = answer.headers["ETag"], page
                return page
        except HTTPError as error:
            error.close()
            if error.code == 304:
                return page
            if error.code < 500:  # the service refuses the request
                raise
        except (OSError, HTTPException, ValueError):  # no answer, or half of one
            pass
        time.sleep(5)


def begin():
    cursor, after, mentors = get("changes")["pagination"]["next"], "", {}  # the cursor first
    while after is not None:
        page = get("mentor-statuses", after=after, limit=LIMIT)
        mentors |= {mentor["mentor_id"]: mentor for mentor in page["data"]}
        after = page["pagination"]["next"]
    return cursor, mentors


cursor, mentors = begin()
while True:
    try:
        page = get("changes", since=cursor, limit=LIMIT)
    except HTTPError as error:
        if error.code != 410:  # 410: the changes since are not known any more
            raise
        cursor, mentors = begin()
        continue
    for item in page["data"]:
        mentor = dict(item)  # a copy: after a 304, get() returns the same page again
        mentors.pop(mentor["mentor_id"], None)
        if not mentor.pop("deleted"):
            mentors[mentor["mentor_id"]] = mentor
    cursor = page["pagination"]["next"]
    if not page["pagination"]["more"]:
        time.sleep(1)
