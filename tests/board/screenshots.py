"""Draw the pictures of the board in docs/ from the data of `flask seed`: `make screenshots`."""

import base64
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.board.conftest import written
from tests.support.board import Board
from tests.support.browser import chromium
from tests.support.commands import flask
from tests.support.server import Server

DOCS = Path(__file__).parent.parent.parent / "docs"
SIZE = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}


def draw_pictures():
    """Write docs/board-light.png and docs/board-dark.png, the first view, and docs/board-together.png."""
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
            for scheme in ("dark", "light"):
                board.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
                board.open()
                draw(board, f"board-{scheme}")
            change_some(board)
            draw(board, "board-together")


def change_some(board):
    """Bring one mentor back, move the return of another one, and choose a date for three together."""
    today = datetime.now(UTC).date()
    board.press_in_row("mentor-042", "Back today")
    board.type("Your name", "Anna")
    board.press("Continue, and bring mentor-042 back")
    board.wait_outcome("mentor-042", "back today")
    board.press_in_row("mentor-052", "Other day…")
    board.press(f"In 1 week {written(today + timedelta(weeks=1), today)}")
    board.press("Save")
    board.wait_outcome("mentor-052", "back ")
    board.tick_all()
    board.press("Choose mentor-031", "checkbox")
    board.press("Other day…")
    board.press(f"In 2 weeks {written(today + timedelta(weeks=2), today)}")


def draw(board, name):
    picture = board.cdp("Page.captureScreenshot", format="png")["data"]
    (DOCS / f"{name}.png").write_bytes(base64.b64decode(picture))


if __name__ == "__main__":
    draw_pictures()
