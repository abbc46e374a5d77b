"""What every request passes before its view: id, log line, metrics, headers, and which view its path names."""

import re
import time
import uuid

from flask import Flask, g, request
from werkzeug.exceptions import NotFound

from settings import BODY_BYTES
from web import auth, logs, metrics

BASE = "/api/v1/mentor-statuses"  # of the contract, which prints it before every path
REQUEST_ID_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
NO_CACHE = ("Cache-Control", "no-cache")
NO_SNIFFING = ("X-Content-Type-Options", "nosniff")


class RequestMiddleware:
    """WSGI middleware: gives a request an id (the one that was sent, or a random one), a log line, metrics and headers.

    The id is in the WSGI environment. Hooks of Flask's would take more time, and miss what Flask does not see.
    """

    def __init__(self, wsgi_app):
        self.wsgi_app = wsgi_app

    def __call__(self, environ, start_response):
        started = time.perf_counter()
        sent_id = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = sent_id if REQUEST_ID_PATTERN.fullmatch(sent_id) else uuid.uuid4().hex
        environ[logs.REQUEST_ID_KEY] = request_id
        take_base_off(environ)

        def start(status, headers, exc_info=None):
            seconds = time.perf_counter() - started
            logs.log_request(environ, status, seconds)
            rule = environ["werkzeug.request"].url_rule
            metrics.count_request(rule and rule.rule, environ["REQUEST_METHOD"], status[:3], seconds)
            more = [("X-Request-ID", request_id), NO_SNIFFING]
            if not any(name == "Cache-Control" for name, _value in headers):
                more.append(NO_CACHE)
            return start_response(status, headers + more, exc_info)

        return self.wsgi_app(environ, start)


def take_base_off(environ):
    """Move the contract's base from PATH_INFO to SCRIPT_NAME, once, if the rest is a path of the API.

    So routing knows one spelling, and every URL that the service prints comes back in the spelling of the request.
    """
    path = environ["PATH_INFO"]
    if path.startswith(BASE + "/api/v1/"):
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + BASE
        environ["PATH_INFO"] = path[len(BASE) :]


class Service(Flask):
    """A Flask application with one spelling of each path, and our log of faults."""

    def __init__(self, import_name):
        super().__init__(import_name, static_folder=None)
        # One byte more than allowed: Werkzeug cuts a chunked body at this limit, without an error.
        self.config["MAX_CONTENT_LENGTH"] = BODY_BYTES + 1
        # No redirects to the right spelling: a client may follow them without its body, or not at all.
        self.url_map.merge_slashes = False
        self.url_map.strict_slashes = True
        self.wsgi_app = RequestMiddleware(self.wsgi_app)

    def create_url_adapter(self, request):
        """Match the path and the method alone, whatever the header Host says.

        Flask's own answers 400 to a Host that is no name of a host, and takes 15 % of a GET one.
        """
        if request is None:
            return None
        if request.environ["PATH_INFO"].startswith("//"):
            raise NotFound  # routing would take it for the path with one slash
        return self.url_map.bind("", path_info=request.path, default_method=request.method)

    def make_default_options_response(self):
        """Answer OPTIONS: `Allow` has the methods that the role of the request's token may use."""
        response = super().make_default_options_response()
        if "role" in g:  # else everyone may use all, or no tokens are set, or it is a preflight
            match = self.create_url_adapter(request).match
            allowed = [each for each in response.allow if each == "OPTIONS" or auth.may_call(match(method=each)[0])]
            response.headers["Allow"] = ", ".join(allowed)
        return response

    def log_exception(self, exc_info):
        """Log an exception that no handler expects as every other fault: without its text, which may hold values."""
        logs.log_fault(exc_info[1])
