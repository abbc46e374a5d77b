"""Who may ask: bearer tokens, once API_TOKENS is set. One hook for all of the API, so that no view can forget it."""

import hmac

from flask import current_app, g, request
from werkzeug.exceptions import MethodNotAllowed

from problems import Problem

READING = ("GET", "HEAD")


def check_token():
    """Let a request of the API through only with a token that may do it, and remember the token's name as who asks.

    401 without a known token, 403 where a `read` token would write (RFC 6750). Open is what lies outside the API, what
    asks for the methods there are (a CORS preflight brings no token), and everything while there are no tokens.
    """
    tokens = current_app.config["SETTINGS"].api_tokens
    if not tokens or not request.path.startswith("/api/") or request.method == "OPTIONS":
        return
    if isinstance(request.routing_exception, MethodNotAllowed):
        return  # a 405 comes before a 401
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    given = given.strip().encode() if scheme.lower() == "bearer" else b""
    # Each token is compared, and each in constant time, so that the time tells nothing of them.
    known = [token for token in tokens if hmac.compare_digest(token.secret.encode(), given)]
    if not known:
        challenge = {"WWW-Authenticate": 'Bearer realm="Peer Mentor Status Repository"'}
        raise Problem(401, "unauthorized", "Send a known token as Authorization: Bearer TOKEN.", headers=challenge)
    if known[0].only_reads and request.method not in READING:
        raise Problem(403, "forbidden", "This token only reads; send one that may write.")
    g.caller_name = known[0].name
