"""The page at /docs, in a real browser: it shows the API, tries it, and breaks none of its own rules."""

from threading import Thread

import pytest
from werkzeug.serving import make_server

import seeding
from tests.browser import CHROMEDRIVER, CHROMIUM, chromium
from tests.server import free_port

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and CHROMEDRIVER),
    reason="needs a browser: apt-get install chromium chromium-driver (Debian, Ubuntu), or chromium and chromedriver",
)
CONTRACT = [
    ("GET", "/api/v1/mentor-statuses"),
    ("GET", "/api/v1/mentor-statuses/{mentor_id}"),
    ("POST", "/api/v1/mentor-statuses"),
    ("PUT", "/api/v1/mentor-statuses/{mentor_id}"),
    ("DELETE", "/api/v1/mentor-statuses/{mentor_id}"),
    ("GET", "/api/v1/pause-records"),
    ("GET", "/api/v1/pause-records/{pause_record_id}"),
    ("POST", "/api/v1/pause-records"),
    ("PUT", "/api/v1/pause-records/{pause_record_id}"),
    ("DELETE", "/api/v1/pause-records/{pause_record_id}"),
]
# Swagger UI puts zero-width spaces into long paths, so the attribute is read.
ENDPOINTS = """
return Array.from(document.querySelectorAll(".opblock"), block => [
  block.querySelector(".opblock-summary-method").textContent,
  block.querySelector("[data-path]").dataset.path,
])"""
TEXT = "return document.querySelector(arguments[0])?.textContent"
LIST = "#operations-mentor_statuses-list_mentor_statuses"
# Swagger UI draws the operations anew while it resolves them, so a press may be lost: press until there is an answer.
TRY = """
const block = document.querySelector(arguments[0]);
const status = block.querySelector(".live-responses-table tbody .response-col_status");
if (status) return status.textContent;
const open = block.classList.contains("is-open");
block.querySelector(open ? ".execute" : ".opblock-summary-control")?.click();"""


@pytest.fixture
def served(app, client):
    """Serve the app with the examples on a port of this machine; return its URL."""
    seeding.seed()
    server = make_server("127.0.0.1", free_port(), app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_page_shows_the_contract_and_tries_it_without_an_error_in_the_console(served):
    with chromium() as browser:
        browser.open(f"{served}/docs")
        browser.wait_for(f"return document.querySelector('{LIST}') !== null")
        shown = [tuple(endpoint) for endpoint in browser.run(ENDPOINTS)]
        assert [endpoint for endpoint in CONTRACT if endpoint not in shown] == []
        assert browser.wait_for(TRY, LIST).startswith("200")
        body = browser.wait_for(TEXT, f"{LIST} .live-responses-table code")
        assert '"mentor_id": "mentor-001"' in body
        assert '"total": 87' in body
        assert [entry for entry in browser.console() if entry["level"] in ("WARNING", "SEVERE")] == []
