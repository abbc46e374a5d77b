"""The contract's second spelling: its base `/api/v1/mentor-statuses` before every path of the API."""

BASE = "/api/v1/mentor-statuses"


class MountPoint:
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
