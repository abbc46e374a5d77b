"""Pages of a list: where one begins, and how the answer tells of the others. Once, for all lists."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import request

SAFE = ":,@~"  # in a query, these stand for themselves


@dataclass(frozen=True)
class Page:
    """The page that a request asks for: `page` counts from 1, `limit` is its size; in a walk, what comes after a key.

    The empty `after` begins a walk; without one, pages are counted.
    """

    page: int = 1
    limit: int = 20
    after: str | None = None

    @property
    def walking(self):
        return self.after is not None

    @property
    def offset(self):
        return (self.page - 1) * self.limit


def pagination(page, beyond):
    """Represent where a page stands (contract); `beyond` is the total, in a walk the next `after`."""
    if page.walking:
        return {"limit": page.limit, "next": beyond}
    return {"page": page.page, "limit": page.limit, "total": beyond}


def link_header(page, beyond):
    """Return the Link header (RFC 8288) to the other pages, in the spelling of the request, all its filters kept."""
    if page.walking:
        name, places = "after", {"first": ""} | ({"next": quote(beyond, safe=SAFE)} if beyond is not None else {})
    else:
        last = max(1, -(-beyond // page.limit))
        name, places = "page", {"first": 1}
        if page.page > 1:
            places["prev"] = min(page.page - 1, last)
        if page.page < last:
            places["next"] = page.page + 1
        places["last"] = last
    kept = {key: value for key, value in request.args.items() if key != name}
    filters = urlencode(kept, safe=SAFE) + "&" if kept else ""
    url = f"{request.script_root}{request.path}?{filters}{name}="
    return ", ".join(f'<{url}{place}>; rel="{rel}"' for rel, place in places.items())
