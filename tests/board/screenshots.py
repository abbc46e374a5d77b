"""Draw the pictures of the board in docs/, light and dark, from the data of `flask seed`: `make screenshots`."""

import base64
import sys
import tempfile
from pathlib import Path

from tests.support.board import Board
from tests.support.browser import chromium
from tests.support.commands import flask
from tests.support.server import Server

DOCS = Path(__file__).parent.parent.parent / "docs"
SIZE = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}


def draw_pictures():
    """Write docs/board-light.png and docs/board-dark.png."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/seeded.db"
        for word in ("migrate", "seed"):
            code, lines = flask(url, word)
            if code:
                sys.exit("\n".join(lines))
        with Server(url, WEB_CONCURRENCY=1) as server, chromium() as driver:
            board = Board(driver, server.base_url)
            board.cdp("Emulation.setDeviceMetricsOverride", **SIZE)
            board.cdp("Emulation.setScrollbarsHidden", hidden=True)
            for scheme in ("light", "dark"):
                board.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
                board.open()
                picture = board.cdp("Page.captureScreenshot", format="png")["data"]
                (DOCS / f"board-{scheme}.png").write_bytes(base64.b64decode(picture))


if __name__ == "__main__":
    draw_pictures()
