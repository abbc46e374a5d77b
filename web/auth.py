"""Who may ask: web pages of which origins may write, and bearer tokens, once API_TOKENS is set.

Both are hooks for all of the API, so that no view can forget them.
"""

import hmac

from flask import current_app, g, request
from werkzeug.exceptions import MethodNotAllowed

from problems import Problem

READING = ("GET", "HEAD")
CROSS_ORIGIN = "A web page of another origin may not write; add its origin to the service's CORS_ORIGINS to allow it."


def refuse_cross_origin_write():
    """Refuse (403) a write that a browser sends for a web page of another origin, by the rules of Go's net/http.

    Browsers say in Sec-Fetch-Site what page it is. Old ones do not, nor does any over plain HTTP: then it is the Origin
    that has to be of the request's own host. (The scheme is not compared: a proxy may have taken the TLS off.) Scripts
    and backends send neither header. An origin in CORS_ORIGINS may write, and with `*` each.
    """
    if request.method in READING or request.method == "OPTIONS" or request.routing_exception:
        return  # a 404 and a 405 come before
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "").lower()
    if site in ("same-origin", "none"):
        return
    if not site:
        host = request.headers.get("Host", "").lower()
        if not origin or origin in (f"http://{host}", f"https://{host}"):
            return
    allowed = current_app.config["SETTINGS"].cors_origins
    if "*" not in allowed and origin not in [known.lower() for known in allowed]:
        raise Problem(403, "forbidden", CROSS_ORIGIN)


def check_token():
    """Let a request of the API through only with a token that may do it, and remember the token's name as who asks.

    401 without a known token, 403 where a `read` token would write (RFC 6750). Not checked are paths outside /api/,
    OPTIONS (a CORS preflight brings no token), and everything while no tokens are set.
    """
    tokens = current_app.config["SETTINGS"].api_tokens
    if not tokens or not request.path.startswith("/api/") or request.method == "OPTIONS":
        return
    if isinstance(request.routing_exception, MethodNotAllowed):
        return  # a 405 comes before a 401
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip().encode() if scheme.lower() == "bearer" else b""
    # Each token is compared, and each in constant time, so that the time tells nothing of them.
    known = [token for token in tokens if hmac.compare_digest(token.secret.encode(), secret)]
    if not known:
        challenge = {"WWW-Authenticate": 'Bearer realm="Peer Mentor Status Repository"'}
        raise Problem(401, "unauthorized", "Send a known token as Authorization: Bearer TOKEN.", headers=challenge)
    if known[0].only_reads and request.method not in READING:
        raise Problem(403, "forbidden", "This token only reads; send one that may write.")
    g.caller_name = known[0].name
