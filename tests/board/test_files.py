"""Tables down and up, and the calendar's address, by way of the board."""

from urllib.request import urlopen

import pytest

from tests.board.conftest import RECORDS, day


@pytest.fixture
def folder(browser, tmp_path):
    """Have the browser put what it downloads into a folder of the test, and return that."""
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    return tmp_path


@pytest.fixture
def mentors(add):
    add("ada", {"start_date": day(-5), "expected_return_date": day(2), "reason": "illness, long"})
    add("ben", {"start_date": day(-4), "reason": '=2+3 "x"'})


def wait_for_file(board, folder, name):
    """Return the bytes of a file as soon as it is there, whole."""
    board.wait(lambda: (folder / name).exists() and not list(folder.glob("*.crdownload")))
    return (folder / name).read_bytes()


def upload(board, folder, text):
    """Check a table on the board; return what it says would become of its lines."""
    (folder / "edited.csv").write_bytes(text)
    board.open("panel=files")
    board.wait(lambda: board.has("button", "Check"))
    board.driver.find_element("css selector", "input[type=file]").send_keys(str(folder / "edited.csv"))
    board.press("Check")
    board.wait(lambda: any(board.texts("#upload .result p, #upload [role=alert] p")))
    return board.texts("#upload .result li")


@pytest.mark.parametrize(("form", "excel"), [("CSV", ""), ("CSV for Excel, with semicolons", "?excel=semicolon")])
def test_a_download_is_the_table_that_the_api_gives_byte_for_byte(board, mentors, folder, server, form, excel):
    board.open("panel=files")
    board.choose("As", form)
    board.press("Download")
    assert wait_for_file(board, folder, "pause-records.csv") == table(server, f"{RECORDS}.csv{excel}")


def table(server, path):
    """Return the bytes of a table, which server.request() would read as JSON."""
    with urlopen(server.base_url + path) as answer:
        return answer.read()


def test_a_file_that_is_not_utf_8_is_refused_before_it_is_sent(board, write, folder):
    assert upload(board, folder, "mentor_id\nJosé\n".encode("latin-1")) == []
    assert "UTF-8" in board.text("#upload [role=alert]")


def test_the_calendar_address_is_a_calendar_and_is_copied(board, mentors, server):
    board.cdp("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    board.open("panel=files")
    address = board.get("textbox", "Address of the calendar").get_property("value")
    assert table(server, address.removeprefix(server.base_url)).startswith(b"BEGIN:VCALENDAR")
    board.press("Copy")
    board.wait(lambda: board.has("button", "Copied"))
