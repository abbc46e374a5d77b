"""Pages of a list: where one begins, and how the answer tells of the others. Once, for all lists."""

from urllib.parse import quote, urlencode

from flask import request

SAFE = ":,@~"  # in a query, these stand for themselves


def pagination(page, listed):
    """Represent where a page stands (contract)."""
    if page.is_keyset:
        return {"limit": page.limit, "next": listed.next_key}
    return {"page": page.page, "limit": page.limit, "total": listed.total}


def link_header(page, listed):
    """Return the Link header (RFC 8288) to the other pages, in the spelling of the request, all its filters kept."""
    if page.is_keyset:
        name, places = "after", {"first": ""}
        if listed.next_key is not None:
            places["next"] = quote(listed.next_key, safe=SAFE)
    else:
        last = max(1, -(-listed.total // page.limit))
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
