"""WSGI middleware: id, log line, metrics and headers of every request, and the contract's base before its path."""

import re
import time
import uuid

from web import logs

BASE = "/api/v1/mentor-statuses"  # of the contract, which prints it before every path
REQUEST_ID_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
NO_CACHE, NO_SNIFFING = ("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff")


class RequestMiddleware:
    """Gives every request an id (the one that was sent, or a random one), a log line, and the headers of every answer.

    The id is in the WSGI environment. Hooks of Flask's would take more time, and miss what Flask does not see.
    `record` is called with the request's route (None: there is none), method, status and seconds, for the metrics.
    """

    def __init__(self, wsgi_app, record):
        self.wsgi_app, self.record = wsgi_app, record

    def __call__(self, environ, start_response):
        started = time.perf_counter()
        value = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = value if REQUEST_ID_PATTERN.fullmatch(value) else uuid.uuid4().hex
        environ[logs.REQUEST_ID_KEY] = request_id

        def start(status, headers, exc_info=None):
            seconds = time.perf_counter() - started
            logs.log_request(environ, status, seconds)
            rule = environ["werkzeug.request"].url_rule
            self.record(rule and rule.rule, environ["REQUEST_METHOD"], status[:3], seconds)
            own = [("X-Request-ID", request_id), NO_SNIFFING]
            if not any(name == "Cache-Control" for name, _value in headers):
                own.append(NO_CACHE)
            return start_response(status, headers + own, exc_info)

        return self.wsgi_app(environ, start)


class PrefixMiddleware:
    """Moves the base from PATH_INFO to SCRIPT_NAME, once, where the rest is a path of the API.

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
