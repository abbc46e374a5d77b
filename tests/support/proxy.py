"""A reverse proxy that serves the service below a path, and does to a request what a bad network does."""

import http.client
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from tests.support.server import free_port
from tests.support.waiting import PATIENCE

PATH = "/tools/mentors"  # below which it serves
HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding")


class Proxy:
    """The proxy's present behaviour, which a test may set.

    `lose` is a method whose next answer is not sent on, though the service has carried out the request. Requests whose
    path has `down` in it (`/`: all) get no answer, and are not sent on; `refused` counts them. `held` lets requests
    whose path has `slow` in it wait until it is set. `before` is called with each request's method and path before it
    is sent on. `instead` has bytes that are sent in place of the next answers, one each. `statuses` has those of the
    service's answers, in their order, and `requests` all that came: method, path, headers and body.
    """

    def __init__(self, server):
        self.server, self.port, self.held = server, free_port(), Event()
        self.base_url = f"http://127.0.0.1:{self.port}{PATH}"
        self.restore()

    def restore(self):
        """Behave as a good network again."""
        self.lose, self.down, self.before = None, None, None
        self.instead, self.statuses, self.requests = [], [], []
        self.refused = 0
        self.slow = "/api/"
        self.held.set()

    def forward(self, handler):
        """Send a request on, and its answer back."""
        length = int(handler.headers.get("Content-Length", 0))
        body = handler.rfile.read(length) if length else None
        self.requests.append((handler.command, handler.path, str(handler.headers), body))
        if self.slow in handler.path:
            assert self.held.wait(PATIENCE), f"{handler.path} is still held"
        if (self.down and self.down in handler.path) or not handler.path.startswith(f"{PATH}/"):
            self.refused += 1
            return
        if self.before:
            self.before(handler.command, handler.path)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in HOP_BY_HOP}
        connection.request(handler.command, handler.path.removeprefix(PATH), body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self.statuses.append(answer.status)
        if self.instead:
            handler.wfile.write(self.instead.pop(0))
            return
        if self.lose == handler.command:
            self.lose = None
            return
        handler.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in (*HOP_BY_HOP, "content-length"):
                handler.send_header(name, value)
        if answer.status != 304:
            handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)


@contextmanager
def proxy_to(server):
    """Run a proxy in front of a server of tests.support.server, and yield it."""
    proxy = Proxy(server)

    class Handler(BaseHTTPRequestHandler):
        def forward(self):
            proxy.forward(self)

        do_GET = do_PUT = do_POST = do_DELETE = do_OPTIONS = forward  # noqa: N815 the names that http.server looks up

        def log_message(self, *_):
            """Write no log."""

    listener = ThreadingHTTPServer(("127.0.0.1", proxy.port), Handler)
    listener.daemon_threads = True
    thread = Thread(target=listener.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield proxy
    finally:
        proxy.held.set()
        listener.shutdown()
        thread.join()
        listener.server_close()
