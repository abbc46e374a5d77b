"""What surrounds every request: the contract's base before its path, its id, what every answer says, its log line."""

import random
import re
import time

from web import logs

BASE = "/api/v1/mentor-statuses"  # of the contract, which prints it before every path
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
ALWAYS = (("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff"))


class RequestMiddleware:
    """WSGI middleware rather than hooks of Flask's: it needs none of what those look up at each request.

    The request's id is the one that was sent, or one that is made up, and stands in the environment of WSGI.
    """

    def __init__(self, wsgi_app):
        self.wsgi_app = wsgi_app

    def __call__(self, environ, start_response):
        begun = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        # Not from the system's entropy: an id is no secret, and a system call makes this thread stand in line again.
        request_id = given if REQUEST_ID.fullmatch(given) else f"{random.getrandbits(128):032x}"
        environ[logs.REQUEST_ID] = request_id

        def start(status, headers, exc_info=None):
            logs.log_request(environ, status, time.perf_counter() - begun)
            return start_response(status, [*headers, ("X-Request-ID", request_id), *ALWAYS], exc_info)

        return self.wsgi_app(environ, start)


class PrefixMiddleware:
    """WSGI middleware that moves the base from PATH_INFO to SCRIPT_NAME, once, when the rest is a path of the API.

    So routing knows one spelling, and every URL that the service prints comes back in the spelling of the request.
    """

    def __init__(self, wsgi_app):
        self.wsgi_app = wsgi_app

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path.startswith(BASE + "/api/v1/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + BASE
            environ["PATH_INFO"] = path[len(BASE) :]
        return self.wsgi_app(environ, start_response)
