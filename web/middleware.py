"""What every request passes: its id, log line and headers, and the choice of its view."""

import re
import time
import uuid

from flask import Flask, request
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

from web import auth, logs

BASE = "/api/v1/mentor-statuses"  # of the contract, which prints it before every path
PAGES_WITH_SLASH = ("/board/", "/docs/")  # people add it
REQUEST_ID_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class RequestMiddleware:
    """WSGI middleware: gives a request an id (in the WSGI environment), a log line and headers.

    Flask's hooks would take more time, and miss what Flask does not see.
    """

    def __init__(self, wsgi_app):
        self.wsgi_app = wsgi_app

    def __call__(self, environ, start_response):
        started = time.perf_counter()
        sent_id = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = sent_id if REQUEST_ID_PATTERN.fullmatch(sent_id) else uuid.uuid4().hex
        environ[logs.REQUEST_ID_KEY] = request_id
        path = environ["PATH_INFO"]
        if path.startswith(BASE + "/api/v1/"):
            # So routing knows one spelling, and each URL that the service prints is in the spelling of the request.
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + BASE
            environ["PATH_INFO"] = path[len(BASE) :]

        def start(status, headers, exc_info=None):
            logs.log_request(environ, status, time.perf_counter() - started)
            more = [("X-Request-ID", request_id), ("X-Content-Type-Options", "nosniff")]
            if not any(name == "Cache-Control" for name, _value in headers):
                more.append(("Cache-Control", "no-cache"))
            return start_response(status, headers + more, exc_info)

        return self.wsgi_app(environ, start)


class Service(Flask):
    """A Flask application with one spelling of each path, and our log of faults."""

    def __init__(self, import_name):
        super().__init__(import_name, static_folder=None)
        # No redirect to the path with single slashes: a client may follow it without its body, or not at all.
        self.url_map.merge_slashes = False
        self.wsgi_app = RequestMiddleware(self.wsgi_app)

    def create_url_adapter(self, request):
        """Match the path and the method alone, whatever the header Host says.

        Flask's own method answers 400 to a bad Host, and takes 15 % of a GET one.
        """
        if request is None:
            return None
        path = request.environ["PATH_INFO"]
        if path.startswith("//"):
            raise NotFound  # routing would find the path with one slash
        if path in PAGES_WITH_SLASH:
            raise RequestRedirect(f"..{path[:-1]}")  # relative, since a proxy may add a path before it
        return self.url_map.bind("", path_info=request.path, default_method=request.method)

    def make_default_options_response(self):
        """Answer OPTIONS; `Allow` has the methods that the role of the request's token may use."""
        response = super().make_default_options_response()
        if auth.token_of_request():  # else all methods
            match = self.create_url_adapter(request).match
            views = {method: self.view_functions[match(method=method)[0]] for method in response.allow}
            allowed = [method for method, view in views.items() if method == "OPTIONS" or auth.may_call(view)]
            response.headers["Allow"] = ", ".join(allowed)
        return response

    def log_exception(self, exc_info):
        """Log an exception that has no handler without its text, which may hold values."""
        logs.log_fault(exc_info[1])
