"""Tables down and up, and the calendar's address, by way of the board."""

import re
from urllib.request import urlopen

import pytest

from tables.columns import TRUE_OR_FALSE
from tests.board.conftest import MENTORS, ON_BOTH, READER, RECORDS, STATUS, WRITER, day, shown
from tests.support.board import Board


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


def check(board, folder, text):
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


@ON_BOTH
def test_an_upload_shows_first_what_would_change_and_then_applies_just_that(board, mentors, folder, server, read):
    edited = table(server, f"{RECORDS}.csv").replace(day(2).encode(), day(9).encode())
    records = read(RECORDS)["data"]
    lines = check(board, folder, edited)
    assert lines == [f"line 2, ada, updated \N{EN DASH} expected return date: {shown(2)} → {shown(9)}"]
    assert board.text("#upload .result p") == "This would be: 0 created, 1 updated, 1 unchanged."
    assert read(RECORDS)["data"] == records
    board.press("Apply")
    board.wait_said("The table is applied: 0 created, 1 updated, 1 unchanged.")
    assert [record["expected_return_date"] for record in read(RECORDS)["data"]] == [f"{day(9)}T00:00:00Z", None]
    assert board.table()[0][1] == "back in 9 days"


@pytest.mark.parametrize("blank", [b"", b" "])
def test_an_upload_shows_no_change_of_a_reason_that_has_an_apostrophe_in_the_table(board, add, folder, server, blank):
    reasons = ["007", "May 2026", "'=1", "'tis", "2026-05-01", *TRUE_OR_FALSE.pattern.split("|")]
    for number, reason in enumerate(reasons):
        add(f"mentor-{number:02}", {"start_date": day(-5), "expected_return_date": day(2), "reason": reason})
    edited = table(server, f"{RECORDS}.csv").replace(day(2).encode(), day(9).encode())
    lines = check(board, folder, edited.replace(b",'", b"," + blank + b"'"))
    change = f"updated \N{EN DASH} expected return date: {shown(2)} → {shown(9)}"
    assert lines == [f"line {number + 2}, mentor-{number:02}, {change}" for number in range(len(reasons))]


def test_an_upload_shows_no_change_of_an_instant_that_pandas_has_written(board, mentors, folder, server):
    edited = table(server, f"{RECORDS}.csv").replace(day(2).encode(), day(9).encode())
    edited = re.sub(rb"(?<=,)([\d-]{10})(?=,)", rb"\1 00:00:00+00:00", edited)
    lines = check(board, folder, edited)
    assert lines == [f"line 2, ada, updated \N{EN DASH} expected return date: {shown(2)} → {shown(9)}"]


def test_an_upload_shows_no_change_of_a_status_that_is_left_empty_nor_by_blanks_around_cells(board, mentors, folder):
    lines = check(board, folder, b"mentor_id, status, pause_reason\nada, , holiday\n")
    assert lines == ["line 2, ada, updated \N{EN DASH} pause reason: Illness, long → Holiday"]


def test_an_upload_of_new_pauses_is_known_by_their_start_date(board, mentors, folder):
    lines = check(board, folder, f"mentor_id,start_date,reason\nben,{day(20)},holiday\n".encode())
    assert lines == [f"line 2, ben, created \N{EN DASH} start date: {shown(20)}; reason: Holiday"]


def test_what_an_upload_would_change_is_read_for_40_mentors_at_once(board, upload, folder, server):
    names = [f"mentor-{number:02}" for number in range(41)]
    upload(MENTORS, "mentor_id", [(name,) for name in names])
    pauses = [(name, day(-5), day(2), "leave") for name in names]
    upload(RECORDS, "mentor_id,start_date,expected_return_date,reason", pauses)
    edited = table(server, f"{RECORDS}.csv").replace(day(2).encode(), day(9).encode())
    board.open("panel=files")
    before = server.log().splitlines()
    lines = check(board, folder, edited)
    assert len(lines) == 41
    asked = [line for line in server.log().splitlines()[len(before) :] if "method=GET" in line and RECORDS in line]
    assert sum(f"{RECORDS}.csv " in line for line in asked) == 2
    assert not any(f"{RECORDS}/" in line for line in asked)


@ON_BOTH
def test_an_upload_of_new_mentors_in_the_form_of_excel_adds_them(board, write, folder, read):
    lines = check(board, folder, "\ufeffmentor_id;status\r\ncyd;active\r\ndan;paused\r\n".encode())
    assert [line.split(" \N{EN DASH}")[0] for line in lines] == ["line 2, cyd, created", "line 3, dan, created"]
    board.press("Apply")
    board.wait_said("2 created")
    assert [mentor["status"] for mentor in read(MENTORS)["data"]] == ["active", "paused"]


@ON_BOTH
def test_a_line_that_is_refused_is_named_by_its_number_with_what_the_api_says_and_nothing_is_applied(
    board, mentors, folder
):
    lines = check(board, folder, b"mentor_id,status\nada,active\nben,asleep\n")
    assert lines == []
    (said,) = board.texts("#upload [role=alert] li")
    assert said.startswith("line 3, ben, status: ")
    assert board.texts("#upload [role=alert] p") == ["Nothing is written, since 1 line is wrong."]
    assert not board.has("button", "Apply")


def test_of_more_than_100_lines_that_are_refused_the_board_says_how_many_are_not_shown(board, write, folder):
    lines = [f"mentor-{number},asleep\n" for number in range(103)]
    check(board, folder, "".join(["mentor_id,status\n", *lines]).encode())
    said = ["Nothing is written, since 103 lines are wrong. Not shown: 3 more."]
    assert board.texts("#upload [role=alert] p") == said
    assert len(board.texts("#upload [role=alert] li")) == 100


def test_a_line_that_has_no_mentor_is_named_by_its_number_alone(board, write, folder):
    check(board, folder, b"mentor_id,status\n,active\n")
    (said,) = board.texts("#upload [role=alert] li")
    assert said.startswith("line 2, mentor_id: ")


def test_an_upload_carries_the_name_that_is_typed(board, mentors, folder, read):
    board.open()
    board.type("Your name", ' \'Grace "$&" ')
    check(board, folder, '\ufeffmentor_id;pause_reason\r\n;\r\n"ada";"5"" ""a; \r\n"\r\n'.encode())
    board.press("Apply")
    board.wait_said("The table is applied")
    assert read(f"{MENTORS}/ada")["pause_reason"] == '5" "a;'
    assert read(f"{MENTORS}/ada/history")["data"][0]["changed_by"] == '\'Grace "$&"'


def test_the_service_reads_a_table_with_the_name_as_without_it_unless_the_table_has_names_of_its_own(
    board, mentors, write, read
):
    board.open()
    board.type("Your name", ' \'Grace "$&" ')
    for text, reason, writer in (
        ("mentor_id,pause_reason\nada,exam", "exam", '\'Grace "$&"'),
        ("mentor_id\tpause_reason\nada\t'+41", "+41", '\'Grace "$&"'),
        ('mentor_id,pause_reason\rada,5""a\r', '5""a', '\'Grace "$&"'),
        ("mentor_id\tinitiated_by\tpause_reason\nada\tbob\tholiday\n\n", "holiday", "bob"),
    ):
        write("POST", f"{MENTORS}.csv", board.run("csv.js", "sign", text).encode())
        assert read(f"{MENTORS}/ada")["pause_reason"] == reason
        assert read(f"{MENTORS}/ada/history")["data"][0]["changed_by"] == writer


@pytest.mark.parametrize(
    ("table", "detail"),
    [
        (b"mentor_id,pause_reason\nada,holiday,x\n", "has 3 cells, but the header has 2"),
        (b'mentor_id,pause_reason\nada,"open\n', "a double quote in it is not closed"),
        (b"mentor_id", "no line break"),
    ],
)
def test_a_table_that_is_refused_is_refused_as_it_is_also_with_a_name_to_add(board, mentors, folder, table, detail):
    board.open()
    board.type("Your name", "Grace")
    assert check(board, folder, table) == []
    assert detail in board.text("#upload [role=alert]")


def test_a_file_that_is_not_utf_8_is_refused_with_what_the_api_says(board, write, folder):
    assert check(board, folder, "mentor_id\nJosé\n".encode("latin-1")) == []
    assert "UTF-8" in board.text("#upload [role=alert]")


COPY = "Copy the calendar's address"
COPIED = "It is copied: paste it into your calendar program."


def test_one_click_copies_the_address_of_the_calendar_which_is_that_of_the_page_behind_a_proxy_too(
    browser, proxy, mentors
):
    board = Board(browser, proxy.base_url).open("panel=files")
    assert copied(board, proxy) == f"{proxy.base_url}/api/v1/pause-records.ics"


def copied(board, server):
    """Press the button; return what it has copied and shows, which is the address of a calendar."""
    board.cdp("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    board.press(COPY)
    board.wait(lambda: board.has("StaticText", COPIED))
    address = board.get("textbox", "Address of the calendar").get_property("value")
    assert board.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])") == address
    assert table(server, address.removeprefix(server.base_url)).startswith(b"BEGIN:VCALENDAR")
    return address


@pytest.mark.parametrize("token", [WRITER, READER])
def test_with_a_token_one_click_copies_an_address_that_opens_the_calendar_without_that_token(
    closed, closed_server, token
):
    closed.enter(token)
    closed.follow("Tables and calendar")
    address = copied(closed, closed_server)
    assert "?token=" in address
    assert token not in address


def test_a_token_that_may_not_ask_for_the_address_is_told_so(closed):
    closed.enter(WRITER)
    closed.follow("Tables and calendar")
    closed.wait(lambda: closed.has("button", COPY))
    closed.driver.execute_script("sessionStorage.setItem('token', arguments[0])", STATUS)
    closed.press(COPY)
    told = ["This token may only read mentor statuses; send one that may do more."]
    closed.wait(lambda: closed.texts("#calendar [role=alert] p") == told)
    assert not closed.has("textbox", "Address of the calendar")


def test_where_the_browser_forbids_to_copy_the_address_is_shown_to_be_copied(board, write, server):
    board.open("panel=files")
    board.wait(lambda: board.has("button", COPY))
    board.driver.execute_script(
        "navigator.clipboard.write = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    board.press(COPY)
    field = board.get("textbox", "Address of the calendar")
    assert field.get_property("value") == f"{server.base_url}/api/v1/pause-records.ics"
    assert "copy the address from there" in board.text("#calendar .result")
    field.click()
    assert board.driver.execute_script("return getSelection().toString()") == field.get_property("value")


# --- its undo


def test_an_upload_of_pauses_has_an_undo_that_leaves_what_a_colleague_has_changed_since(
    board, mentors, folder, read, write
):
    before = read(RECORDS)["data"]
    lines = [f"{each['pause_record_id']},{each['mentor_id']},{day(9)},holiday\n" for each in before]
    check(board, folder, f"pause_record_id,mentor_id,expected_return_date,reason\n{''.join(lines)}".encode())
    assert board.text("#upload .result p") == "This would be: 0 created, 2 updated, 0 unchanged."
    board.press("Apply")
    board.wait_said("The table is applied")
    theirs = {"expected_return_date": f"{day(40)}T00:00:00Z", "metadata": {"initiated_by": "bob"}}
    write("PUT", f"{RECORDS}/{before[1]['pause_record_id']}", theirs)
    board.press("Undo")
    board.wait_said("Undone: ada is paused")
    assert "Not undone: ben: bob, " in board.said()
    now = read(RECORDS)["data"]
    assert now[0] == before[0]
    assert now[1]["expected_return_date"][:10] == day(40)


def test_an_upload_that_adds_mentors_is_undone_by_deleting_them(board, mentors, folder, read):
    check(board, folder, b"mentor_id,status,pause_reason\nada,,holiday\ncyd,paused,\ndan,active,\n")
    assert board.text("#upload .result p") == "This would be: 2 created, 1 updated, 0 unchanged."
    board.press("Apply")
    board.wait_said("The table is applied: 2 created, 1 updated, 0 unchanged.")
    board.press("Undo")
    board.wait_said("Undone for ada, cyd, dan.")
    assert [mentor["mentor_id"] for mentor in read(MENTORS)["data"]] == ["ada", "ben"]
    assert read(f"{MENTORS}/ada")["pause_reason"] == "illness, long"
