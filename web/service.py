"""Flask as this service uses it."""

from flask import Flask, request
from werkzeug.exceptions import NotFound

from web import auth, logs
from web.requests import StrictRequest


class Service(Flask):
    """A Flask application with strict requests, one spelling of each path, and our log of faults."""

    request_class = StrictRequest

    def __init__(self, import_name):
        super().__init__(import_name, static_folder=None)
        # No redirects to the right spelling, which a client may or may not follow with its body.
        self.url_map.merge_slashes = False
        self.url_map.strict_slashes = True

    def create_url_adapter(self, request):
        """Match the path and the method alone, whatever the header Host says.

        Flask's own would answer 400 to a Host that is no name of a host, and takes 15 % of a GET one.
        """
        if request is None:
            return None
        if request.environ["PATH_INFO"].startswith("//"):
            raise NotFound  # routing would take it for the path with one slash
        return self.url_map.bind("", path_info=request.path, default_method=request.method)

    def make_default_options_response(self):
        """Answer OPTIONS: `Allow` has what the token of the request may do."""
        response = super().make_default_options_response()
        adapter = self.create_url_adapter(request)
        methods = auth.allowed_methods(response.allow, lambda method: adapter.match(method=method)[0])
        response.headers["Allow"] = ", ".join(methods)
        return response

    def log_exception(self, exc_info):
        """Log an exception that no handler expects as every other fault: without its text, which may hold values."""
        logs.log_fault(exc_info[1])
