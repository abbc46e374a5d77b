"""Who may ask: web pages of which origins may write, and bearer tokens, once there are tokens.

Both are hooks for all of the API, so that no view can forget them.
"""

import hmac
import re
import threading
import time

from flask import current_app, g, request
from werkzeug.exceptions import MethodNotAllowed

from mentors.problems import Problem, Unavailable
from settings import FEED, SettingsError, digest_of, read_file, read_tokens
from web import logs, roles

READING = ("GET", "HEAD")
CROSS_ORIGIN = "A web page of another origin may not write; add its origin to the service's CORS_ORIGINS to allow it."

HIDDEN_FROM_FEEDS = {"reason", "reasons"}
SEND_IN_HEADER = "Send a known token as Authorization: Bearer TOKEN."
SEND_IN_ADDRESS = "Send a known token of the role feed as ?token=TOKEN, once and without the header Authorization."
TOKENS_UNREADABLE = "The service cannot read which tokens it takes; send the request again in a moment."
NO_REASONS = (
    "With a token in its address a calendar shows no reasons, nor those of one reason; leave the parameter out."
)


class TokenFile:
    """The tokens of API_TOKENS_FILE. When a request needs a token, the file is read again, at most once a second.

    While its content cannot be used, the tokens stay as they were. A worker that has never read a good file has none.
    """

    def __init__(self, path):
        self.path = path
        self.text = self.tokens = None
        self.fault = self.read()
        self.next_read = 0
        self.lock = threading.Lock()

    def known_tokens(self):
        """Return the tokens. Raises Unavailable if this worker has never read a good file."""
        with self.lock:
            if time.monotonic() >= self.next_read:
                self.read_again()
                self.next_read = time.monotonic() + 1
            if self.tokens is None:
                raise Unavailable(self.fault, TOKENS_UNREADABLE)
            return self.tokens

    def read_again(self):
        """Read the file; log once what is wrong with it. (A worker without tokens logs it with each 503.)"""
        fault = self.read()
        if self.tokens and fault not in (None, self.fault):
            logs.log.line("ERROR", reason=fault, outcome="the tokens stay as they were")
        self.fault = fault

    def read(self):
        """Take the tokens from the file, if its text has changed. Return what is wrong with it, or None."""
        try:
            text = read_file("API_TOKENS_FILE", self.path)
            if text != self.text:
                self.tokens = read_tokens("API_TOKENS_FILE", text)
                self.text = text
        except SettingsError as error:
            return str(error)


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


def cors_origin(origin):
    """Return an origin as Flask-CORS takes it, which reads what has brackets, as an IPv6 address, as a pattern."""
    return re.compile(re.escape(origin) + r"\Z", re.IGNORECASE) if "[" in origin else origin


def check_token():
    """Let a request through only with a token whose role may make it, and remember who asks: `g.caller_name`, `g.role`.

    401 without a known token, 403 where its role may not (RFC 6750; web/roles.py has the roles). Not checked are views
    for everyone, CORS preflights (which bring no token), and everything while no tokens are set.
    """
    settings = current_app.config["SETTINGS"]
    if not settings.has_tokens or not needs_token():
        return
    tokens = settings.api_tokens or current_app.config["TOKEN_FILE"].known_tokens()
    # Not read on other paths: a token in a URL stands in logs, so the only one to do so is that of a calendar.
    in_query = roles.takes_feed_token(request.endpoint) and "token" in request.args
    token = find_token(tokens, secret_in_query() if in_query else secret_in_header())
    if token is None or (in_query and token.role != FEED):
        challenge = {"WWW-Authenticate": 'Bearer realm="Peer Mentor Status Repository"'}
        raise Problem(401, "unauthorized", SEND_IN_ADDRESS if in_query else SEND_IN_HEADER, headers=challenge)
    g.caller_name, g.role = token.name, token.role
    if request.endpoint and request.method != "OPTIONS" and not may_ask(request.endpoint):
        raise Problem(403, "forbidden", roles.REFUSALS[token.role])
    if in_query and not HIDDEN_FROM_FEEDS.isdisjoint(request.args):
        raise Problem(403, "forbidden", NO_REASONS)


def needs_token():
    """Say whether this request needs a token once there are some. (A 405 comes before a 401.)"""
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        return False
    if isinstance(request.routing_exception, MethodNotAllowed):
        return False
    return roles.needs_token(request.endpoint) if request.endpoint else request.path.startswith("/api/")


def secret_in_query():
    """Return the one token in the query; None where there are several, or another one in a header."""
    secrets = request.args.getlist("token")
    return secrets[0] if len(secrets) == 1 and "Authorization" not in request.headers else None


def secret_in_header():
    """Return the token in the header Authorization, or None."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def find_token(tokens, secret):
    """Return the token with this secret, or None."""
    given = digest_of(secret or "")
    # Each token is compared, and each in constant time, so that the time tells nothing of them.
    known = [token for token in tokens if hmac.compare_digest(token.digest, given)]
    return known[0] if known else None


def may_ask(view):
    """Say whether the token of this request may ask a view; a `feed` token may only where it is in the query."""
    return g.role in roles.ROLES_OF_VIEW[view] and (g.role != FEED or "token" in request.args)


def allowed_methods(methods, view_of):
    """Return those of a path's methods that this request's token may use; `view_of(method)` names the view."""
    if "role" not in g:  # all are for everyone, there are no tokens, or it is a preflight
        return list(methods)
    return [method for method in methods if method == "OPTIONS" or may_ask(view_of(method))]
