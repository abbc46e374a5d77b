"""The page at /docs, in a real browser: it shows the API, tries it, and breaks none of its own rules."""

from threading import Thread

import pytest
from werkzeug.serving import make_server

from tests.support.browser import CHROMEDRIVER, CHROMIUM, chromium
from tests.support.server import free_port
from transfer import seeding

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
WRITES = [
    "mentor_statuses-create_mentor_status",
    "mentor_statuses-update_mentor_status",
    "mentor_statuses-delete_mentor_status",
    "pause_records-create_pause_record",
    "pause_records-update_pause_record",
    "pause_records-delete_pause_record",
]
TABLES = ("mentor_status", "pause_record", "history_entry")
# Type values, and press "Execute" until the page has an answer or marks a value that it does not send. Swagger UI draws
# the operations anew while it resolves them, so each step may have to be done again. React looks at events alone.
EXECUTE = """
const [selector, values] = arguments;
const block = document.querySelector(selector);
const status = block.querySelector(".live-responses-table tbody .response-col_status");
if (status) return status.textContent;
if (!block.classList.contains("is-open")) return void block.querySelector(".opblock-summary-control").click();
for (const [name, value] of Object.entries(values ?? {})) {
  const input = block.querySelector(`tr[data-param-name="${name}"] input`);
  if (input?.value === value) continue;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, value);
  for (const event of ["input", "focusout"]) input.dispatchEvent(new Event(event, {bubbles: true}));
  return;
}
if (block.dataset.pressed && block.querySelector("input.invalid")) return "not sent";
block.dataset.pressed = "yes";
block.querySelector(".execute")?.click();"""
POST = """
const [url, mentor, done] = arguments;
const form = {"Content-Type": "application/x-www-form-urlencoded"};
fetch(url, {method: "POST", mode: "no-cors", headers: form, body: JSON.stringify({mentor_id: mentor})})
  .then(response => done(response.type));"""


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
        assert browser.wait_for(EXECUTE, LIST).startswith("200")
        body = browser.wait_for(TEXT, f"{LIST} .live-responses-table code")
        assert '"mentor_id": "mentor-001"' in body
        assert '"total": 87' in body
        assert [entry for entry in browser.console() if entry["level"] in ("WARNING", "SEVERE")] == []


def test_a_write_that_is_clicked_through_changes_nothing(served, rows):
    before = [rows(table) for table in TABLES]
    with chromium() as browser:
        browser.open(f"{served}/docs")
        browser.wait_for(f"return document.querySelector('{LIST}') !== null")
        pressed = {name: browser.wait_for(EXECUTE, f"#operations-{name}") for name in WRITES}
    assert [rows(table) for table in TABLES] == before
    assert pressed == {name: "422" if "create" in name else "not sent" for name in WRITES}


def test_a_write_for_an_id_that_was_typed_is_sent(served, rows):
    delete = "#operations-mentor_statuses-delete_mentor_status"
    with chromium() as browser:
        browser.open(f"{served}/docs")
        browser.wait_for(f"return document.querySelector('{LIST}') !== null")
        assert browser.wait_for(EXECUTE, delete, {"mentor_id": "mentor-007"}) == "200"
    assert "mentor-007" not in [row["mentor_id"] for row in rows("mentor_status")]


def test_a_date_at_the_end_of_a_month_is_sent(served):
    with chromium() as browser:
        browser.open(f"{served}/docs")
        browser.wait_for(f"return document.querySelector('{LIST}') !== null")
        values = {"as_of": "2026-12-31", "updated_since": "2026-03-30T23:00:00+01:00"}
        assert browser.wait_for(EXECUTE, LIST, values) == "200"


def test_a_page_of_another_origin_writes_nothing_and_one_of_the_service_does(served, rows):
    before = rows("mentor_status")
    with chromium() as browser:
        browser.open(f"{served.replace('127.0.0.1', 'localhost')}/livez")  # another origin, the same service
        assert browser.run_async(POST, f"{served}/api/v1/mentor-statuses", "mentor-099") == "opaque"
        assert rows("mentor_status") == before
        browser.open(f"{served}/livez")
        assert browser.run_async(POST, f"{served}/api/v1/mentor-statuses", "mentor-099") == "basic"
    assert len(rows("mentor_status")) == len(before) + 1
