"""Tables down and up, with their check first, and the calendar's address."""

from urllib.request import urlopen

import pytest

from tests.board.conftest import BY_BOB, MENTORS, READER, RECORDS, STATUS, WRITER, day, path_of, shown
from tests.support.board import Board

DASH = "\N{EN DASH}"
BACK = f"back {shown(9)} (expected) instead of {shown(2)} (expected)"


@pytest.fixture
def panel(board):
    """Open the panel of tables."""
    return board.open("panel=tables")


@pytest.fixture
def two(add):
    add("ada", {"start_date": day(-5), "expected_return_date": day(2), "reason": "illness, long"})
    add("ben", {"start_date": day(-4), "reason": '=2+3 "x"'})


def table(server, path):
    """Return the bytes of a table, which server.request() would read as JSON."""
    with urlopen(server.base_url + path) as answer:
        return answer.read()


def check(board, folder, content):
    """Check a table in the open panel; return what it says would become of its lines."""
    (folder / "edited.csv").write_bytes(content)
    board.check_table(folder / "edited.csv")
    board.wait(lambda: any(board.texts("#upload :is([role=status], .refusal) p")))
    return board.texts("#upload [role=status] li")


def refusal(board):
    """Return what is said of a table that is refused: one line, and one for each of its lines."""
    return board.texts("#upload .refusal :is(p, li)")


def test_a_download_is_the_table_that_the_api_gives_byte_for_byte(board, two, folder, server):
    board.open("panel=tables")
    for what, form, path in (
        ("pauses", "CSV", f"{RECORDS}.csv"),
        ("mentors", "CSV for Excel, with semicolons", f"{MENTORS}.csv?excel=semicolon"),
    ):
        board.choose("Table of", what)
        board.choose("As", form)
        board.press("Download")
        name = path.rsplit("/", 1)[1].split("?")[0]
        assert board.file(folder / name) == table(server, path)
        board.wait(lambda what=what: board.texts("#download .said") == [f"✓ 2 {what} downloaded"])


def test_the_table_with_names_is_one_to_read_that_the_browser_makes(browser, proxy, two, add, folder):
    add("cyd", {"start_date": day(3), "expected_return_date": day(8)})
    add("dan", {"start_date": day(-9), "expected_return_date": day(-2), "reason": "exam"})
    board = Board(browser, proxy.base_url).open("panel=tables")
    assert "mentors with names" not in board.texts("#download option")
    board.run("read/names.js", "addNames", [["ada", "Quintilla Ärzte"], ["ben", "=Zebedee, jr."], ["dan", 'Z"e']])
    board.go("panel=names")
    board.go("panel=tables")  # the table with names is chosen there
    board.choose("As", "CSV for Excel, with semicolons")
    board.press("Download")
    lines = [
        "Name;Id;State;Reason;Away from;Back on",
        f"'=Zebedee, jr.;ben;paused;'=2+3 \"x\";{day(-4)};",
        f"Quintilla Ärzte;ada;paused;Illness, long;{day(-5)};{day(2)}",
        f'Z"e;dan;overdue;Exam;{day(-9)};{day(-2)}',
        f";cyd;available;Leave;{day(3)};{day(8)}",
    ]
    quoted = [";".join('"' + cell.replace('"', '""') + '"' for cell in line.split(";")) for line in lines]
    expected = "\ufeff" + "".join(f"{line}\r\n" for line in quoted)
    assert board.file(folder / "mentors-with-names.csv").decode() == expected
    board.wait(lambda: board.texts("#download .said") == ["✓ 4 mentors downloaded"])
    assert [each for each in proxy.requests if "quint" in str(each).lower() or "zebed" in str(each).lower()] == []


def test_an_upload_shows_first_what_would_change_applies_just_that_and_is_undone(
    panel, two, folder, server, read, write
):
    before = read(RECORDS)["data"]
    edited = table(server, f"{RECORDS}.csv").replace(day(2).encode(), day(9).encode()).replace(b"=2+3", b"5")
    assert check(panel, folder, edited) == [
        f"line 2, ada: updated a pause (Illness, long, from {shown(-5)}): {BACK}",
        f'line 3, ben: updated a pause (=2+3 "x", from {shown(-4)}): reason 5 "x" instead of =2+3 "x"',
    ]
    assert panel.text("#upload [role=status] p") == "This would be: 0 created, 2 updated, 0 unchanged."
    assert read(RECORDS)["data"] == before
    panel.press("Close")
    panel.follow("Download or upload")
    panel.press("Apply")
    panel.wait(lambda: panel.texts("#upload .said") == ["✓ table applied: 0 created, 2 updated, 0 unchanged"])
    after = read(RECORDS)["data"]
    assert [(each["expected_return_date"], each["reason"]) for each in after] == [
        (f"{day(9)}T00:00:00Z", "illness, long"),
        (None, '5 "x"'),
    ]
    assert {entry["changed_by"] for entry in read("/api/v1/history?limit=2")["data"]} == {"Ada"}
    write("PUT", path_of(before[1]), {"expected_return_date": day(40)} | BY_BOB)
    panel.press("Undo")
    panel.wait(lambda: read(RECORDS)["data"][0] == before[0])
    now = read(RECORDS)["data"]
    assert (now[0], now[1]["expected_return_date"][:10]) == (before[0], day(40))


def test_new_mentors_and_pauses_in_the_form_of_excel_are_added_and_undo_takes_them_away(panel, two, folder, read):
    lines = check(panel, folder, "\ufeffmentor_id;status\r\ncyd;active\r\ndan;paused\r\n".encode())
    opened = "line 3, dan: added the mentor; opened a pause: no reason, "
    assert (lines[0], lines[1].startswith(opened)) == ("line 2, cyd: added the mentor", True)
    panel.press("Apply")
    panel.wait(lambda: panel.texts("#upload .said") == ["✓ table applied: 2 created, 0 updated, 0 unchanged"])
    assert [mentor["mentor_id"] for mentor in read(MENTORS)["data"]] == ["ada", "ben", "cyd", "dan"]
    panel.press("Undo")
    panel.wait(lambda: [mentor["mentor_id"] for mentor in read(MENTORS)["data"]] == ["ada", "ben"])
    lines = check(panel, folder, f"mentor_id,start_date,reason\nben,{day(20)},holiday\n".encode())
    assert lines == [f"line 2, ben: opened a pause: Holiday, {shown(20)} {DASH} not known"]


def test_refused_lines_are_named_by_their_numbers_and_mentors_and_nothing_is_applied(panel, two, folder, read):
    asleep = "".join(f"m-{number},asleep\n" for number in range(103))
    check(panel, folder, f"mentor_id,status\nada,active\n,active\n{asleep}".encode())
    _, nobody, first, *others = refusal(panel)
    assert (nobody.startswith("line 3, mentor_id: "), first.startswith("line 4, m-0, status: ")) == (True, True)
    assert len(others) == 98  # how many others there are stands above
    assert not panel.has("button", "Apply")
    assert read(f"{MENTORS}/ada")["status"] == "paused"


def test_a_line_that_a_colleague_has_changed_between_check_and_apply_is_refused(panel, two, folder, server, write):
    edited = table(server, f"{RECORDS}.csv").replace(day(2).encode(), day(9).encode())
    check(panel, folder, edited)
    write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(30)} | BY_BOB)
    panel.press("Apply")
    panel.wait(lambda: refusal(panel))
    assert refusal(panel)[1].startswith("line 2, ada, etag: ")
    assert not panel.has("button", "Apply")


def test_a_file_that_is_no_table_is_refused_with_the_way_out_and_one_that_is_edited_is_checked_anew(
    panel, folder, subtests
):
    for content, said in (
        ("mentor_id\nJosé\n".encode("latin-1"), "The file is not in UTF-8. Save it as “CSV UTF-8”, and load it again."),
        (b"", "Nothing was sent: the first line has to name the columns of a table, such as mentor_id."),
        (b"mentor_id,first name\nada,Quintilla\n", "Nothing was sent: a table has no column “first name”."),
        (b'mentor_id,pause_reason\nada,"exam\n', "Nothing was sent: line 2 has a double quote that is not closed"),
    ):
        with subtests.test(said):
            check(panel, folder, content)
            assert refusal(panel)[0].startswith(said)
    assert len(check(panel, folder, b"mentor_id\nzoe\n")) == 1
    assert len(check(panel, folder, b"mentor_id\nzoe\nzac\n")) == 2  # the same file, edited and chosen again
    check(panel, folder, b"mentor_id,status\nzoe,asleep\n")
    (folder / "edited.csv").write_bytes(b"mentor_id,status\nzoe,active\n")
    panel.press("Check")
    changed = "The file was changed or moved since you chose it. Choose it again."
    panel.wait(lambda: refusal(panel) == [changed])


def test_a_check_is_one_request_that_says_all_that_would_change(panel, upload, folder, server):
    names = [f"mentor-{number:02}" for number in range(41)]
    upload(MENTORS, "mentor_id", [(name,) for name in names])
    pauses = [(name, day(-5), day(2), "leave") for name in names]
    upload(RECORDS, "mentor_id,start_date,expected_return_date,reason", pauses)
    edited = table(server, f"{RECORDS}.csv").replace(day(2).encode(), day(9).encode())
    before = len(server.log().splitlines())
    assert len(check(panel, folder, edited)) == 41
    asked = [line for line in server.log().splitlines()[before:] if f"{RECORDS}.csv" in line]
    assert ["method=POST" in line for line in asked] == [True]


# --- the calendar


SHOW = "Get the calendar's address"


def calendar(board, server):
    """Show the address of the calendar, which opens it; return the address."""
    board.press(SHOW)
    address = board.get("textbox", "Address of the calendar").get_property("value")
    link = board.get("link", "Open in a calendar program").get_attribute("href")
    assert link == address.replace("http://", "webcal://")
    assert table(server, address.removeprefix(server.base_url)).startswith(b"BEGIN:VCALENDAR")
    return address


def test_the_address_of_the_calendar_is_shown_copied_and_offered_as_a_link_behind_a_proxy_too(browser, proxy, two):
    board = Board(browser, proxy.base_url).open("panel=tables")
    board.cdp("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    address = calendar(board, proxy)
    assert address == f"{proxy.base_url}/api/v1/pause-records.ics"
    assert board.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])") == address
    board.get("textbox", "Address of the calendar").click()
    assert board.driver.execute_script("return getSelection().toString()") == address


def test_where_the_clipboard_is_refused_the_address_is_shown_to_be_copied(board, two):
    refuse = "new DOMException('no', 'NotAllowedError')"
    board.open("panel=tables")
    for write_text in (f"() => {{ throw {refuse} }}", f"() => Promise.reject({refuse})", "undefined"):
        clipboard = f"{{configurable: true, value: {{writeText: {write_text}}}}}"
        board.driver.execute_script(f"Object.defineProperty(navigator, 'clipboard', {clipboard})")
        board.press(SHOW)
        board.wait_texts("#calendar .said", "✓ the address:")
        assert board.get("textbox", "Address of the calendar")
        board.go("")
        board.go("panel=tables")


def test_with_a_token_the_address_opens_the_calendar_without_that_token_if_it_may(closed, closed_server):
    closed.enter(WRITER)
    for token in (WRITER, READER):
        closed.driver.execute_script("sessionStorage.setItem('token at /board', arguments[0])", token)
        closed.open("panel=tables")
        address = calendar(closed, closed_server)
        assert ("?token=" in address, token in address) == (True, False)
    closed.driver.execute_script("sessionStorage.setItem('token at /board', arguments[0])", STATUS)
    closed.press(SHOW)
    closed.wait(lambda: any(closed.texts("#calendar .refusal p")))
    assert not closed.has("textbox", "Address of the calendar")
