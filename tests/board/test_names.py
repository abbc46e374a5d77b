"""Names of mentors, from a file of the coordinator's computer: they are shown everywhere, and sent nowhere."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, READER, RECORDS, WRITER, day, fill, shown
from tests.board.test_files import folder, wait_for_file  # noqa: F401 the fixture
from tests.support.board import Board, untimed

ADA, BEN, ZOE = "Quintilla Ärzte", "Zebedee Quark, jr.", "Žofie Quark"
FILE = f'mentor_id,name\nada,{ADA}\nben,"{BEN}"\nzoe,{ZOE}\n'
KEPT = "return [localStorage, sessionStorage].map((each) => JSON.stringify(each)) + document.documentElement.outerHTML"
BLOCKED = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"


@pytest.fixture
def late(add):
    """Add ada and ben, who were expected five days ago, and zoe and dan, who are active."""
    away = {"start_date": day(-20), "expected_return_date": day(-5)}
    for mentor in ("ada", "ben"):
        add(mentor, away)
    for mentor in ("zoe", "dan"):
        add(mentor)


@pytest.fixture
def load(tmp_path):
    """Return a function that loads a file of names on the board."""

    def load_file(board, content=FILE):
        path = tmp_path / "names.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        board.open("panel=files")
        board.wait(lambda: board.has("button", "Load names"))
        board.driver.find_element("css selector", "#names [type=file]").send_keys(str(path))
        board.press("Load names")
        board.wait(lambda: any(board.texts("#names :is(.result, [role=alert]) p")))
        return " ".join(board.texts("#names :is(.result, [role=alert]) p")).strip()

    return load_file


def opened(board, load):
    """Load the names, and go to the table."""
    assert load(board) == "3 names loaded."
    board.go("")
    return board


# --- the file


def test_a_file_of_ids_and_names_is_read_and_the_names_stand_before_the_ids_also_when_one_comes_back(board, late, load):
    content = f'\ufeff"ada";"{ADA}";;\n"ben"; "{BEN}"\n;;;\n'.replace("; ", ";")
    assert load(board, content) == "2 names loaded."
    board.wait(lambda: board.mentors() == [f"{ADA} (ada)", f"{BEN} (ben)"])
    board.open()
    assert [row[0] for row in board.table()] == [f"{ADA} (ada)", f"{BEN} (ben)"]
    (key,) = board.driver.execute_script("return Object.keys(localStorage)")
    assert key == "names of mentors at /board"


def take(board, content):
    """Have the page take the names from the text of a file; return what it says of ada and ben."""
    board.run("names.js", "takeNames", board.run("csv.js", "readRows", content))
    return [board.run("names.js", "sayMentor", mentor) for mentor in ("ada", "ben")]


def test_a_file_of_ids_and_names_is_read_whatever_its_separator_and_its_header(board):
    board.open()
    for content in (
        f'mentor_id,name\r\nada,{ADA}\r\nben,"{BEN}"\r\n',
        f"ID;Name\nada;{ADA}\nben;{BEN}\n",
        f"ada\t{ADA}\n\nben\t{BEN}",
        f"ben;{BEN}\nada; Quintilla\N{NO-BREAK SPACE} Ärzte \nzoe;\n",
    ):
        board.run("names.js", "forgetNames")
        assert (content, take(board, content)) == (content, [f"{ADA} (ada)", f"{BEN} (ben)"])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            f"ada,{ADA}\nada,{ZOE}\n",
            "Line 2: ada has a line above already. Leave one of them out. No names were loaded.",
        ),
        (
            f"ada,{ADA}\n".encode("latin-1"),
            "The file is not in UTF-8. Save it as “CSV UTF-8”, and load it again.",
        ),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_line_and_the_names_that_were_loaded_stay(
    board, late, load, content, problem
):
    load(board)
    assert load(board, content) == problem
    assert board.mentors()[0] == f"{ADA} (ada)"


def test_what_is_wrong_with_a_file_of_names_is_said_with_its_line(board):
    board.open()
    for content, problem in (
        (
            "ada,Quark, Ada\n",
            "Line 1: It has more than an id and a name. A name with a comma is put in quotes. No names were loaded.",
        ),
        (
            f"mentor_id,name\n{ADA},ada\n",
            f"Line 2: “{ADA}” is no id. A line has an id, then a name. No names were loaded.",
        ),
        ("mentor_id,name\n", "The file has no line with an id and a name."),
        ("ada\nben\n", "The file has no line with an id and a name."),
    ):
        with pytest.raises(ValueError) as raised:
            take(board, content)
        assert str(raised.value) == problem


def test_where_the_browser_keeps_nothing_the_names_are_there_until_the_page_is_left(board, late, load, injected):
    injected(BLOCKED)
    loaded = load(board)
    assert loaded == "3 names loaded. This browser keeps nothing: they are forgotten when this page is left."
    board.wait(lambda: board.mentors()[:1] == [f"{ADA} (ada)"])
    board.open()
    assert board.mentors()[0] == "ada"


# --- where they are shown


def test_the_names_stand_in_every_view_and_panel_and_in_what_is_read_out(board, late, load, write):
    opened(board, load)
    assert board.has("rowheader", f"{ADA} (ada)")
    assert board.has("link", f"{ADA} (ada) Leave, 5 days overdue")
    assert board.has("checkbox", f"Choose {ADA} (ada)")
    assert board.has("button", f"Bring back {BEN} (ben)")
    titles = "return [...document.querySelectorAll('main [title]')].map((each) => each.title)"
    assert not {"ada", "ben"} & set(board.driver.execute_script(titles))
    board.follow(f"{ADA} (ada) Leave, 5 days overdue")
    board.wait(lambda: board.has("dialog", f"{ADA} (ada)"))
    board.press("Close")
    board.wait(lambda: f"{ADA} (ada)" in board.driver.switch_to.active_element.text)
    board.open("view=week")
    board.wait(lambda: board.has("link", f"{ADA} (ada)"))
    board.open("view=changes&of=zoe")
    board.wait(lambda: board.has("link", f"{ZOE} (zoe)"))
    assert f"Only changes to {ZOE} (zoe)" in board.text(".changes > p")


def test_what_is_said_of_a_write_and_what_is_shown_before_it_names_the_mentor(board, late, load, write, tmp_path):
    opened(board, load)
    board.press(f"Bring back {BEN} (ben)")
    board.wait_said(f"{BEN} (ben) is back.")
    board.press(f"Choose {ADA} (ada)", "checkbox")
    board.follow("Change together")
    board.press("+1 week")
    change = f"{ADA} (ada): expected return date: {shown(-5)} → {shown(7)}"
    board.wait(lambda: board.texts("#panel .result li") == [change])
    write("PUT", f"{MENTORS}/ada", {"expected_return_date": day(9)})
    board.press("Apply")
    change = f"{shown(-5)} → {shown(9)} (last changed by Somebody, 12:00 UTC)"
    refused = [f"{ADA} (ada): expected return date: {change}"]
    board.wait(lambda: [untimed(text) for text in board.texts("#panel [role=alert] li")] == refused)
    board.open("mentor=ada")
    board.press("Bring back now")
    board.wait_said(f"{ADA} (ada) is back.")
    (tmp_path / "table.csv").write_text("mentor_id,status\nada,paused\n")
    board.open("panel=files")
    board.wait(lambda: board.has("button", "Check"))
    board.driver.find_element("css selector", "#upload [type=file]").send_keys(str(tmp_path / "table.csv"))
    board.press("Check")
    change = f"line 2, {ADA} (ada), updated \N{EN DASH} status: active → paused"
    board.wait(lambda: board.texts("#upload .result li") == [change])


def test_the_table_is_sorted_by_the_names_and_who_has_none_comes_last(board, add, load):
    for mentor in ("ada", "dan", "zoe", "ben"):
        add(mentor, {"start_date": day(-5)})
    load(board, f"ada,{ZOE}\nben,Älva\nzoe,Boris\n")
    board.open("sort=mentor_id")
    assert board.mentors() == ["Älva (ben)", "Boris (zoe)", f"{ZOE} (ada)", "dan"]
    board.follow("Mentor")
    board.wait(lambda: board.mentors() == ["dan", f"{ZOE} (ada)", "Boris (zoe)", "Älva (ben)"])
    board.open()  # all are as urgent
    assert board.mentors() == ["Älva (ben)", "Boris (zoe)", f"{ZOE} (ada)", "dan"]


# --- the search


def test_a_search_finds_any_part_of_a_name_or_an_id_and_puts_it_into_no_address(board, late, load):
    opened(board, load)
    before = board.driver.execute_script("return [location.href, history.length, history.state]")
    for text, found in [("quark", [BEN, ZOE]), ("zofie", [ZOE]), ("ÄRZ", [ADA]), ("o", [ZOE]), ("ad", [ADA])]:
        board.type("Mentor", text, "searchbox")
        board.wait(lambda found=found: [name.rsplit(" (", 1)[0] for name in board.mentors()] == found)
        assert board.get("searchbox", "Mentor").get_property("value") == text
    assert board.driver.execute_script("return [location.href, history.length, history.state]") == before
    board.poll()
    board.type("Mentor", "zebed", "searchbox")
    board.wait(
        lambda: board.table() == [[f"{BEN} (ben)", "5 days overdue", "Leave", shown(-20), f"{shown(-5)} expected"]]
    )
    board.get("searchbox", "Mentor").send_keys(Keys.ENTER)
    board.wait(lambda: board.has("dialog", f"{BEN} (ben)"))
    board.press("Close")
    board.choose("Show", "active mentors")
    board.wait(lambda: board.mentors() == [])
    board.type("Mentor", "quark", "searchbox")
    board.wait(lambda: [row[0] for row in board.table()] == [f"{ZOE} (zoe)"])
    board.follow("Reset")
    board.wait(lambda: board.mentors() == [f"{ADA} (ada)", f"{BEN} (ben)"])
    assert board.get("searchbox", "Mentor").get_property("value") == ""


def test_reset_forgets_what_is_searched_though_the_address_has_nothing_of_it(board, late, load):
    opened(board, load)
    board.type("Mentor", "zebed", "searchbox")
    board.wait(lambda: board.mentors() == [f"{BEN} (ben)"])
    board.follow("Reset")
    board.wait(lambda: len(board.mentors()) == 2)
    assert board.get("searchbox", "Mentor").get_property("value") == ""


def test_search_ids_asks_the_service_for_who_is_not_in_the_file(board, late, load):
    opened(board, load)
    board.type("Mentor", "DA", "searchbox")
    board.wait(lambda: board.mentors() == [f"{ADA} (ada)"])
    board.press("Search ids")
    board.wait(lambda: board.mentors() == [f"{ADA} (ada)", "dan"])
    board.poll()
    assert board.get("searchbox", "Mentor").get_property("value") == "DA"
    board.type("Mentor", "dan", "searchbox")
    board.wait(lambda: board.has("StaticText", "Nobody: no mentor and no pause fits what is asked for."))
    assert "“Search ids” looks at all ids." in board.text("#table")


def test_a_former_mentor_is_found_by_the_name(board, late, load, write):
    write("DELETE", f"{MENTORS}/zoe")
    opened(board, load)
    board.type("Mentor", "quark", "searchbox")
    board.wait(lambda: [row[:2] for row in board.table()][1:] == [[f"{ZOE} (zoe)", "deleted"]])


def test_of_a_name_that_many_have_the_first_200_are_shown_and_that_is_said(board, database, load):
    fill(database, 300, 3)
    load(board, "".join(f"mentor-{number:05},Smith {number}\n" for number in range(300)))
    board.open()
    board.type("Mentor", "smith", "searchbox")
    counted = "3 pauses of 3 mentors, 197 mentors without a pause here"
    note = "(the first 200 of 300 mentors with this text: type more)"
    board.wait(lambda: board.text("#caption") == f"{counted} {note}")
    board.type("Mentor", "smith 29", "searchbox")
    board.wait(lambda: board.text("#caption") == "11 mentors")


# --- forgetting


def test_one_button_forgets_the_names_and_nothing_of_them_is_left(board, late, load):
    opened(board, load)
    board.press(f"Bring back {BEN} (ben)")
    board.wait_said(f"{BEN} (ben) is back.")
    board.elapse()
    board.follow("Tables and calendar")
    board.press("Forget the names")
    board.wait(lambda: board.has("StaticText", "The names are forgotten."))
    board.press("Close")
    board.wait(lambda: board.mentors()[:1] == ["ada"] and not has_name(board))
    assert board.has("DisclosureTriangle", "1 change to undo")
    board.driver.refresh()
    board.wait(lambda: board.mentors()[:1] == ["ada"])
    assert not has_name(board)
    assert not board.has("button", "Search ids")


def has_name(board):
    """Say whether the page or what is kept of it has a part of a name."""
    kept = board.driver.execute_script(KEPT)
    return "Quark" in kept or "Quintilla" in kept


def test_another_tab_forgets_them_too(board, late, load):
    opened(board, load)
    first = board.driver.current_window_handle
    board.driver.switch_to.new_window("tab")
    try:
        board.open("panel=files")
        board.press("Forget the names")
        board.wait(lambda: board.has("StaticText", "The names are forgotten."))
    finally:
        board.driver.close()
        board.driver.switch_to.window(first)
    board.wait(lambda: board.mentors()[:1] == ["ada"])


def test_the_dialog_that_asks_for_a_token_offers_to_forget_the_names(closed, load):
    closed.enter(WRITER)
    closed.wait(closed.mentors)
    load(closed)
    closed.driver.execute_script("sessionStorage.setItem('token', 'one-that-was-revoked')")
    closed.open(drawn=False)
    closed.press("Forget the names")
    closed.enter(READER)
    closed.wait(lambda: closed.mentors()[:1] == ["ada"])
    assert not has_name(closed)


def test_without_a_file_there_is_nothing_of_names_but_the_form_to_load_one(board, late):
    board.open("q=zzz")
    assert not board.has("button", "Search ids")
    assert "Search ids" not in board.text("#table")
    assert board.driver.find_element("name", "q").get_property("placeholder") == "any part of an id"
    board.open("panel=files")
    board.wait(lambda: board.has("button", "Load names"))
    assert not board.has("button", "Forget the names")


# --- nothing of them is sent


@pytest.mark.parametrize("content", [FILE, FILE.removeprefix("mentor_id,name\n"), FILE.replace(",", ";")])
def test_a_file_of_names_that_is_chosen_as_a_table_is_not_sent(browser, proxy, board, tmp_path, content):
    (tmp_path / "names.csv").write_text(content)
    board = Board(browser, proxy.base_url).open("panel=files")
    board.wait(lambda: board.has("button", "Check"))
    browser.find_element("css selector", "#upload [type=file]").send_keys(str(tmp_path / "names.csv"))
    board.press("Check")
    board.wait(lambda: board.text("#upload [role=alert]").startswith("Nothing was sent:"))
    assert [method for method, *_ in proxy.requests if method == "POST"] == []


def test_a_line_of_a_table_that_is_refused_is_named_with_the_name_of_its_mentor(board, late, load, tmp_path):
    load(board)
    (tmp_path / "table.csv").write_text("mentor_id,expected_return_date\nada,05/01/26\n")
    board.driver.find_element("css selector", "#upload [type=file]").send_keys(str(tmp_path / "table.csv"))
    board.press("Check")
    board.wait(lambda: any(board.texts("#upload [role=alert] li")))
    (said,) = board.texts("#upload [role=alert] li")
    assert said.startswith(f"line 2, {ADA} (ada), expected_return_date: ")


def test_no_request_of_the_page_has_anything_of_a_name(browser, proxy, late, load, folder, read):  # noqa: F811
    board = opened(Board(browser, proxy.base_url), load)
    for text in ("zebedee", "quark", "QUINTILLA ärz"):
        board.type("Mentor", text, "searchbox")
        board.wait(lambda: f"“{text}”" in board.text("#results"))  # noqa: B023 called at once
        board.poll()
    board.follow("Reset")
    for view, ready in [("week", ".week tr"), ("changes", ".changes li"), ("trend", ".trend tr")]:
        board.open(f"view={view}", drawn=False)
        board.wait(lambda: any(board.texts(ready)))  # noqa: B023 called at once
    board.open("sort=mentor_id")
    board.press(f"Bring back {BEN} (ben)")
    board.wait_said(f"{BEN} (ben) is back.")
    board.open()
    board.press(f"Choose {ADA} (ada)", "checkbox")
    board.follow("Change together")
    board.press("+1 week")
    board.press("Apply")
    board.wait_said("done for 1 mentor")
    board.open("mentor=zoe")
    board.press("Pause…")
    board.type("Reason", "leave", "combobox")
    board.press("Pause")
    board.wait_said(f"{ZOE} (zoe) ")
    board.open("panel=add")
    assert board.get("textbox", "Mentor id").get_property("value") == ""
    board.type("Mentor id", "eve")
    board.press("Add")
    board.wait_said("eve is added.")
    (folder / "table.csv").write_text("mentor_id,status\nada,active\n")
    board.open("panel=files")
    board.wait(lambda: board.has("button", "Check"))
    browser.find_element("css selector", "#upload [type=file]").send_keys(str(folder / "table.csv"))
    board.press("Check")
    board.wait(lambda: f"{ADA} (ada)" in board.text("#upload .result"))
    board.press("Apply")
    board.wait_said("The table is applied")
    board.press("Download")
    table = wait_for_file(board, folder, "pause-records.csv").decode()
    board.press("Copy the calendar's address")
    board.wait(lambda: board.has("textbox", "Address of the calendar"))
    assert [record["mentor_id"] for record in read(RECORDS)["data"]] == ["ada", "ben", "zoe"]
    assert {method for method, *_ in proxy.requests} >= {"GET", "POST", "PUT", "OPTIONS"}
    assert len(proxy.requests) >= 100
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert [name for name in loaded if not name.startswith((proxy.base_url, f"blob:{proxy.base_url[:16]}"))] == []
    sent = [table, *map(str, proxy.requests)]
    parts = ("zebed", "quark", "quint", "rzte", "ofie")
    assert [text for text in sent if any(part in text.lower() for part in parts)] == []
