"""Keep the mentors in memory: import Mirror, or print what changes by python3 mirror.py API SECONDS.

API is such as http://127.0.0.1:8000/api/v1. If the service has tokens, the program takes its own from MENTORS_TOKEN.
"""

import json
import os
import sys
import time
from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import Request, urlopen


class Mirror:
    limit = 1000  # mentors in a page

    def __init__(self, api, token=None):
        self.api = api
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.mentors = {}  # by id
        self.pages = {}  # (ETag, page) by the id that the page comes after

    def refresh(self):
        """Walk the list once; return what changed: {mentor_id: mentor, or None if the mentor is gone}.

        Raises if an answer is missing or broken off, and leaves `mentors` as they were. (Other threads may read them.)
        """
        pages, mentors, after = {}, {}, ""
        while after is not None:
            pages[after] = _etag, page = self.get(after)
            mentors |= {mentor["mentor_id"]: mentor for mentor in page["data"]}
            after = page["pagination"]["next"]
        known, self.mentors, self.pages = self.mentors, mentors, pages
        return {each: mentors.get(each) for each in sorted(known | mentors) if known.get(each) != mentors.get(each)}

    def get(self, after):
        etag, page = self.pages.get(after, (None, None))
        headers = self.headers | ({"If-None-Match": etag} if etag else {})
        url = f"{self.api}/mentor-statuses?after={after}&limit={self.limit}"
        try:
            with urlopen(Request(url, headers=headers), timeout=30) as answer:
                return answer.headers["ETag"], json.load(answer)
        except HTTPError as error:
            with error:
                if error.code != 304:
                    raise
                return etag, page


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    api, seconds = sys.argv[1], float(sys.argv[2])
    mirror = Mirror(api, os.environ.get("MENTORS_TOKEN"))
    with suppress(KeyboardInterrupt):
        while True:
            try:
                changes = mirror.refresh()
            except Exception as error:  # whatever came in place of an answer: the next one may be good
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
                changes = {}
            for mentor_id, mentor in changes.items():
                print(json.dumps({mentor_id: mentor}), flush=True)
            time.sleep(seconds)
