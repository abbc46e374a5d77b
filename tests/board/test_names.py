"""Names of mentors, from a file of the coordinator's computer: they are shown everywhere, and sent nowhere."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import LATE, MENTORS, READER, RECORDS, WRITER, day, shown
from tests.support.board import Board

ADA, BEN, ZOE = "Quintilla Ärzte", "Zebedee Quark, jr.", "Žofie Quark"
FILE = f'mentor_id,name\nada,{ADA}\nben,"{BEN}"\nzoe,{ZOE}\n'
PARTS = ("zebed", "quark", "quint", "rzte", "ofie")  # of the names, whatever their encoding
KEPT = "return [localStorage, sessionStorage].map((each) => JSON.stringify(each)) + document.documentElement.outerHTML"
BLOCKED = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
FULL = """const refuse = () => { throw new DOMException("full", "QuotaExceededError") };
  const set = (storage, name, value) => (name.startsWith("names") ? refuse() : Boolean(storage[name] = value));
  const full = new Proxy(localStorage, {set, get: (storage, name) => storage[name]});
  Object.defineProperty(window, "localStorage", {value: full})"""


@pytest.fixture
def four(add):
    """Add ada and ben, who were expected five days ago, and zoe and dan, who are active."""
    for mentor in ("ada", "ben"):
        add(mentor, LATE)
    for mentor in ("zoe", "dan"):
        add(mentor)


@pytest.fixture
def load(tmp_path):
    """Return a function that loads a file of names on the board, and returns what is said of it."""

    def load_file(board, content=FILE):
        path = tmp_path / "names.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        board.open("panel=names")
        board.wait(lambda: board.has("button", "Load names"))
        board.driver.find_element("css selector", "#names [type=file]").send_keys(str(path))
        board.wait(lambda: any(board.texts("#names :is(.said, .refusal p)")))
        return " ".join(board.texts("#names :is(.said, .refusal p, .refusal li)"))

    return load_file


def has_name(board):
    """Say whether the page or what is kept of it has a part of a name."""
    kept = board.driver.execute_script(KEPT).lower()
    return any(part in kept for part in PARTS)


# --- the file


def test_a_line_offers_to_load_names_which_are_then_shown_also_after_a_reload_and_stay_if_another_file_is_wrong(
    board, four, load, subtests
):
    board.open()
    board.follow("Names…")
    board.wait(lambda: board.has("button", "Load names"))
    assert not board.has("button", "Forget the names")
    assert load(board, f"\ufeffID;Name\nada;{ADA}\nben;\n") == "✓ 1 name loaded"
    assert load(board) == "✓ 3 names loaded"  # in place of those before
    for content, problem in (
        (f"ada,{ADA}\nada,{ZOE}\n", "Line 2: ada has a line above already. Leave one of them out."),
        (b"\xd0\xcf\x11\xe0\xa1", "This is a spreadsheet's own file: save it as CSV."),
        ("ada\nben\n", "The file has no line with an id and a name."),
    ):
        with subtests.test(problem):
            assert load(board, content).removeprefix("Nothing was loaded: a line is wrong. ") == problem
    board.go("")
    board.shows(f"{ADA} ada", f"{BEN} ben")
    board.driver.refresh()
    board.shows(f"{ADA} ada", f"{BEN} ben")
    assert "names of mentors at /board" in board.driver.execute_script("return Object.keys(localStorage)")


@pytest.mark.parametrize("storage", [BLOCKED, FULL])
def test_where_the_browser_keeps_nothing_the_names_are_there_until_the_page_is_left(
    board, four, load, injected, storage
):
    injected(storage)
    said = load(board)
    assert said == "✓ 3 names loaded; this browser keeps nothing: they are forgotten when this page is left"
    board.go("")
    assert board.names()[0] == f"{ADA} ada"
    board.open()
    assert board.names()[0] == "ada"


# --- where they are shown


def test_the_name_stands_large_and_the_id_small_beside_it_in_every_view_and_in_what_is_read_out(
    board, four, load, write
):
    write("PUT", f"{MENTORS}/zoe", {"status": "paused", "pause_start_date": day(2)})
    load(board)
    board.go("")
    sizes = """return [".name", ".id"].map((each) => parseFloat(getComputedStyle(
      document.querySelector("tbody " + each)).fontSize))"""
    name, small = board.driver.execute_script(sizes)
    assert name > small
    assert board.driver.execute_script("return document.querySelector('tbody .name').localName") == "bdi"
    assert board.has("button", f"Back today {BEN} (ben)") and board.has("link", f"{ADA} ada")
    for state in ("view=pauses", "view=pauses&rows=all", "view=changes", "view=changes&of=ada", "q=ada", "mentor=ada"):
        board.go(state)
        board.wait(lambda: any(ADA in text for text in board.texts("main, #panel")))
    board.go("view=changes&of=zoe")
    board.wait(lambda: f"Only changes to {ZOE} (zoe)" in board.text("#filters"))
    board.go("")
    board.press_in_row("ben", "Other day…")
    assert board.text("form.write .plan").startswith(f"{BEN} (ben): ")
    board.press("Cancel")
    board.press(f"Choose {ADA} (ada)", "checkbox")
    assert ADA in board.text("#tray")
    board.press_in_row("ben", "Back today")
    board.wait_outcome("ben", "back today")
    board.go("panel=undo")
    board.wait(lambda: BEN in board.text("#panel .undos"))


# --- the search


def test_a_search_finds_any_part_of_a_name_or_an_id_and_puts_it_into_no_address(board, four, load):
    load(board)
    board.go("")
    before = board.driver.execute_script("return [location.href, history.length, history.state]")
    board.type("Search for a mentor", "da", "searchbox")
    board.shows(f"{ADA} ada", "dan")
    board.type("Search for a mentor", "dan z", "searchbox")
    board.wait(lambda: board.text(".nothing").startswith("Nobody has “dan z” in the id or the name."))
    board.type("Search for a mentor", "zebed", "searchbox")
    board.shows(f"{BEN} ben")
    assert board.driver.execute_script("return [location.href, history.length, history.state]") == before
    field = board.get("searchbox", "Search for a mentor")
    assert field.get_attribute("placeholder") == "Name or id"
    field.send_keys(Keys.ENTER)
    board.wait(lambda: board.text("#panel-title") == f"{BEN} ben")


# --- forgetting


def test_one_button_forgets_the_names_in_all_tabs_and_nothing_of_them_is_left(board, four, load):
    load(board)
    board.go("")
    board.press_in_row("ben", "Back today")
    board.wait_outcome("ben", "back today")
    first = board.driver.current_window_handle
    board.driver.switch_to.new_window("tab")
    try:
        board.open("panel=names")
        board.press("Forget the names")
        board.wait(lambda: not board.has("button", "Forget the names"))
        assert not has_name(board)
    finally:
        board.driver.close()
        board.driver.switch_to.window(first)
    board.wait(lambda: board.names()[0] == "ada" and not has_name(board))
    assert board.has("link", "Your changes (1)")
    board.driver.refresh()
    board.shows("ada")
    assert not has_name(board)


def test_the_dialog_that_asks_for_a_token_offers_to_forget_the_names(closed, load):
    closed.enter(WRITER)
    closed.wait(closed.rows)
    load(closed, f"ada,{ADA}")
    closed.driver.execute_script("sessionStorage.setItem('token at /board', 'one-that-was-revoked')")
    closed.open(drawn=False)
    closed.press("Forget the names")
    closed.enter(READER)
    closed.shows("ada")
    assert not has_name(closed)


# --- nothing of them is sent


def test_no_request_of_the_page_has_anything_of_a_name(browser, proxy, four, load, folder, read):
    board = Board(browser, proxy.base_url)
    load(board)
    board.go("")
    for text in ("zebedee", "quark", "QUINTILLA ärz"):
        board.type("Search for a mentor", text, "searchbox")
        board.wait(lambda: f"“{text}”" in board.text("main"))  # noqa: B023 called at once
        board.poll()
    board.type("Search for a mentor", Keys.BACKSPACE, "searchbox")
    for state in ("view=pauses&sort=mentor_id", "view=changes", "view=forecast", ""):
        board.go(state)
    board.press_in_row("ben", "Back today")
    board.wait_outcome("ben", "back today")
    board.press_in_row("ben", "Undo")
    board.wait(lambda: "Back today" in board.row("ben").text)
    for mentor in ("ada", "ben"):
        board.press(f"Choose {ADA if mentor == 'ada' else BEN} ({mentor})", "checkbox")
    board.press(f"+1 week each {shown(7)}")
    board.wait_outcome("ada", "✓ expected back ")
    board.go("mentor=zoe")
    board.press("Pause…")
    board.type("Reason", "leave")
    board.press("Pause")
    board.wait(lambda: board.texts("#panel .said"))
    board.press("Delete this mentor…")
    board.press("Delete the mentor")
    board.wait(lambda: "deleted" in board.text("#panel .state"))
    board.go("panel=add")
    browser.find_element("name", "mentors").send_keys("eve, Eve Quark")
    board.press("Add")
    board.wait(lambda: board.texts("#panel .said"))
    (folder / "table.csv").write_text("mentor_id,Name,pause_reason\nada,Quintilla Quark,exam\n")
    board.go("panel=tables")
    board.check_table(folder / "table.csv")
    board.press("Apply")
    board.wait(lambda: board.texts("#upload .said"))
    assert board.run("read/names.js", "sayMentor", "ada") == "Quintilla Quark (ada)"  # it is kept here
    board.check_table(folder / "names.csv")
    board.wait(lambda: board.texts("#upload [role=status] p"))
    board.choose("Table of", "pauses")
    board.press("Download")
    table = board.file(folder / "pause-records.csv").decode()
    board.choose("Table of", "mentors with names")
    board.press("Download")
    board.file(folder / "mentors-with-names.csv")
    board.press("Get the calendar's address")
    board.wait(lambda: board.has("textbox", "Address of the calendar"))
    assert {record["mentor_id"] for record in read(RECORDS)["data"]} == {"ada", "ben"}
    assert {method for method, *_ in proxy.requests} >= {"GET", "POST", "PUT", "DELETE"}
    assert len(proxy.requests) >= 60
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert [name for name in loaded if not name.startswith((proxy.base_url, f"blob:{proxy.base_url[:16]}"))] == []
    sent = [table, *map(str, proxy.requests)]
    assert [text for text in sent if any(part in text.lower() for part in PARTS)] == []
