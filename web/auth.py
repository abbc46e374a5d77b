"""Two hooks before every view: they refuse writes from web pages of other origins, and requests without a good token.

No view can forget them.
"""

import hmac
import time

from flask import current_app, request
from werkzeug.exceptions import MethodNotAllowed

from mentors.problems import Problem, Unavailable
from settings import FEED, FULL, READ, STATUS, WRITE, SettingsError, calendar_secret, digest_of
from web import logs

# The roles that may call a view, if tokens are set. `accepts` gives each view one of these sets.
EVERYONE = {"everyone"}  # the view is open: it needs no token, and ignores one
WRITERS = {FULL, WRITE}
READERS = WRITERS | {READ}
CALENDARS = READERS | {FEED}
STATUS_READERS = READERS | {STATUS}  # a matching backend has the role `status`: it need not know why a mentor is paused

# The detail of the 403 for a token of this role.
REFUSALS = {
    WRITE: "This token may not erase a mentor; send a token without a role.",
    READ: "This token may only read; send one that may write.",
    STATUS: "This token may only read mentor statuses; send one that may do more.",
    FEED: "This token may only open the calendar, as ?token=TOKEN in its address; send one that may do more.",
}
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OTHER_ORIGIN = (
    "A web page of another origin may not write. To allow it, the operator must add its origin to CORS_ORIGINS."
)
SEND_IN_HEADER = "This request needs a token that the service knows; send the header Authorization: Bearer TOKEN."
SEND_IN_ADDRESS = (
    "The address needs a token of the role feed that the service knows, or the one that GET /api/v1/calendar-address "
    "shows; send it once, as ?token=TOKEN, and no header Authorization."
)
TOKENS_UNREADABLE = "The service cannot read its list of tokens now; send the request again in a moment."
NO_REASONS = "A calendar with a token in its address shows no reasons; leave the parameter reasons out."


class TokenFile:
    """The tokens of API_TOKENS_FILE. If a request needs a token, the file is read again, at most once a second.

    While the file is bad, the tokens stay as they were. A worker that has never read a good file has none.
    """

    def __init__(self, settings):
        self.settings = settings
        self.tokens = None
        self.fault = None
        self.next_read = 0
        self.read()

    def known_tokens(self):
        """Return the tokens. Raises Unavailable if this worker has never read a good file."""
        if time.monotonic() >= self.next_read:
            self.next_read = time.monotonic() + 1
            self.read()
        if self.tokens is None:
            raise Unavailable(self.fault, TOKENS_UNREADABLE)
        return self.tokens

    def read(self):
        """Read the tokens; if the file is bad, log it once. (A worker without tokens logs it with each 503.)"""
        try:
            self.tokens = self.settings.read_token_file()
            self.fault = None
        except SettingsError as error:
            if self.tokens and self.fault != str(error):
                logs.log("ERROR", reason=str(error), outcome="the tokens stay as they were")
            self.fault = str(error)


def refuse_cross_origin_write():
    """Refuse (403) a write that a browser sends for a web page of another origin, as Go's CrossOriginProtection does.

    A browser says in Sec-Fetch-Site whether the page is of the same origin. If the header is missing (an old browser,
    or plain HTTP), Origin must name the host of the request. (The scheme is not compared, since a proxy may have ended
    the TLS.) Scripts and backends send neither header. An origin in CORS_ORIGINS may write; with `*` all may.
    """
    if request.method in SAFE_METHODS or request.routing_exception:
        return  # a 404 or a 405 is answered instead
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin", "").lower()
    host = request.headers.get("Host", "").lower()
    is_same = site in ("same-origin", "none") if site else origin in ("", f"http://{host}", f"https://{host}")
    allowed = [known.lower() for known in current_app.config["SETTINGS"].cors_origins]
    if not is_same and "*" not in allowed and origin not in allowed:
        raise Problem(403, "forbidden", OTHER_ORIGIN)


def check_token():
    """Refuse a request without a known token (401), or whose role forbids it (403).

    The header is as in RFC 6750. Afterwards token_of_request() returns the token. If no tokens are set, this does
    nothing.
    """
    settings = current_app.config["SETTINGS"]
    view = current_app.view_functions.get(request.endpoint)
    if not settings.has_tokens or not request_needs_token(view):
        return
    tokens = settings.api_tokens or current_app.config["TOKEN_FILE"].known_tokens()
    # A token in a URL gets into logs. Only the calendar takes one there, since its programs send no header.
    in_query = view and FEED in view.roles and "token" in request.args
    token = find_token(feeds_of(tokens), secret_in_query()) if in_query else find_token(tokens, secret_in_header())
    if token is None:
        challenge = {"WWW-Authenticate": 'Bearer realm="Peer Mentor Status Repository"'}
        raise Problem(401, "unauthorized", SEND_IN_ADDRESS if in_query else SEND_IN_HEADER, headers=challenge)
    request.environ[logs.TOKEN_KEY] = token
    # OPTIONS is for every role: its Allow says what the role may do.
    if view and request.method != "OPTIONS" and not may_call(view):
        raise Problem(403, "forbidden", REFUSALS[token.role])
    if in_query and "reasons" in request.args:
        raise Problem(403, "forbidden", NO_REASONS)


def token_of_request():
    """Return the token of this request; None if it needs none."""
    return request.environ.get(logs.TOKEN_KEY)


def request_needs_token(view):
    """Say whether this request needs a token if tokens are set. A CORS preflight needs none, nor does a 405."""
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        return False
    if isinstance(request.routing_exception, MethodNotAllowed):
        return False
    return view.roles != EVERYONE if view else request.path.startswith("/api/")


def secret_in_query():
    """Return the secret in the query; None if there are several, or if there is a header Authorization, too."""
    secrets = request.args.getlist("token")
    return secrets[0] if len(secrets) == 1 and "Authorization" not in request.headers else None


def secret_in_header():
    """Return the secret in the header Authorization, or None."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def find_token(tokens, secret):
    """Return the token with this secret, or None. It compares all in constant time, so that the time tells nothing."""
    if not secret:  # an item may have the hash of an empty text
        return None
    digest = digest_of(secret)
    matches = [token for token in tokens if hmac.compare_digest(token.digest, digest)]
    return matches[0] if matches else None


def feeds_of(tokens):
    """Return the tokens that open the calendar in its address: those of the role feed, and one of each that may read.

    GET /api/v1/calendar-address shows the latter.
    """
    readers = [token for token in tokens if token.role in READERS]
    derived = [token._replace(digest=digest_of(calendar_secret(token)), role=FEED) for token in readers]
    return [token for token in tokens if token.role == FEED] + derived


def may_call(view):
    """Say whether this request's role may call a view with this query.

    A token of the role feed counts in the query alone. The role write may do all but erase, which nobody can take back.
    """
    role = token_of_request().role
    if role == WRITE and "erase" in view.query_schema.fields and request.args.get("erase") == "true":
        return False
    return role in view.roles and (role != FEED or "token" in request.args)
