"""The page at /docs, in a real browser: it shows the API, tries it, and breaks none of its own rules."""

from threading import Thread

import pytest
from selenium.webdriver.common.by import By
from werkzeug.serving import make_server

from openapi import examples
from tests.support.browser import chromium, click, find, type_into, wait_for
from tests.support.databases import ON_SQLITE
from tests.support.server import REPOSITORY, free_port

pytestmark = ON_SQLITE
LIST = "mentor_statuses-list_mentor_statuses"
WRITES = [
    f"{blueprint}-{verb}_{resource}"
    for blueprint, resource in (("mentor_statuses", "mentor_status"), ("pause_records", "pause_record"))
    for verb in ("create", "update", "delete")
]
UPLOADS = ["tables-create_or_update_mentor_statuses", "tables-create_or_update_pause_records"]


@pytest.fixture
def served(app, seeded):
    """Serve the app with the examples on a port of this machine; return its URL."""
    server = make_server("127.0.0.1", free_port(), app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def docs_browser():
    with chromium() as driver:
        yield driver


@pytest.fixture
def page(docs_browser, served):
    """Open the page at /docs in the browser, whose console is empty, and return its driver."""
    docs_browser.get_log("browser")
    docs_browser.get(f"{served}/docs")
    wait_for(docs_browser, lambda _: find(docs_browser, f"#operations-{LIST}"))
    return docs_browser


def execute(page, operation, **values):
    """Type values into the form of an operation and press "Execute".

    Returns the status of the answer, or "not sent" where the page marks a value as invalid.
    """
    block = f"#operations-{operation}"
    click(page, f"{block} .opblock-summary-control")
    for name, value in values.items():
        type_into(page, f'{block} tr[data-param-name="{name}"] input', value)
    click(page, f"{block} .execute")
    answer = ".live-responses-table tbody .response-col_status"
    shown = wait_for(page, lambda _: find(page, f"{block} {answer}, {block} input.invalid"))
    return "not sent" if shown.tag_name == "input" else shown.text


def test_the_page_shows_the_contract_tries_it_without_an_error_in_the_console_and_leads_to_the_board(page):
    shown = {block.get_attribute("id").rpartition("-")[2] for block in page.find_elements(By.CSS_SELECTOR, ".opblock")}
    assert set(examples.ANSWERS) <= shown  # the operations of the contract
    assert execute(page, LIST).startswith("200")
    body = wait_for(page, lambda _: find(page, f"#operations-{LIST} .live-responses-table code").text)
    assert '"mentor_id": "mentor-001"' in body
    assert '"total": 87' in body
    assert [entry for entry in page.get_log("browser") if entry["level"] in ("WARNING", "SEVERE")] == []
    assert (REPOSITORY / find(page, "nav code").text).is_file()  # the guide
    click(page, "nav a")
    wait_for(page, lambda _: find(page, "#counts"))  # of the board


def test_the_page_is_dark_where_the_reader_has_asked_for_dark(page):
    brightness = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]].match(/\\d+/g)[0]"

    def is_dark(selector):
        shade = int(page.execute_script(brightness, selector, "backgroundColor"))
        text = int(page.execute_script(brightness, f"#operations-{LIST} .opblock-summary-path", "color"))
        return shade < 128 < text

    for scheme in ("dark", "light"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        for selector in ("body", ".swagger-ui .scheme-container", f"#operations-{LIST}"):
            wait_for(page, lambda _, each=selector, dark=scheme == "dark": is_dark(each) == dark)


def test_a_write_with_nothing_typed_into_its_form_is_a_422_or_not_sent_and_changes_nothing(page, state):
    before = state()
    answers = {name: execute(page, name) for name in WRITES}
    assert answers == {name: "422" if "create" in name else "not sent" for name in WRITES}
    assert [execute(page, name) for name in UPLOADS] == ["400"] * 2  # a header alone
    assert state() == before


def test_a_table_is_downloaded_a_typed_line_uploaded_and_a_typed_id_deleted(page, rows):
    assert execute(page, "tables-download_mentor_statuses", mentor_id="mentor-001") == "200"
    link = wait_for(page, lambda _: find(page, "#operations-tables-download_mentor_statuses .live-responses-table a"))
    assert link.get_attribute("download").startswith("mentor-statuses-")
    block = f"#operations-{UPLOADS[0]}"
    click(page, f"{block} .opblock-summary-control")
    text = wait_for(page, lambda _: find(page, f"{block} textarea"))
    text.send_keys("\nmentor-100,active,,")
    click(page, f"{block} .execute")
    wait_for(page, lambda _: find(page, f"{block} .live-responses-table tbody .response-col_status").text == "200")
    assert "mentor-100" in [mentor["mentor_id"] for mentor in rows("mentor_status")]
    assert execute(page, "mentor_statuses-delete_mentor_status", mentor_id="mentor-007") == "200"
    assert "mentor-007" not in [mentor["mentor_id"] for mentor in rows("mentor_status")]
