"""The panel that adds mentors: one or several lines of an id and a name, which stays in the browser."""

from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, day
from tests.support.board import Board

ID_HAS = "it has letters, digits and . _ ~ : @ - and no other character."


def add_lines(board, text):
    """Type lines into the open panel and press the button."""
    field = board.wait(lambda: board.driver.find_element("name", "mentors"))
    field.send_keys(Keys.CONTROL, "a")  # clear() lets the page know nothing
    field.send_keys(text)
    board.press("Add")


def wait_said(board, text):
    board.wait(lambda: " ".join(board.texts("#panel :is(.said, .refusal p, .refusal li)")) == text)


def ids(read):
    return [mentor["mentor_id"] for mentor in read(MENTORS)["data"]]


def test_one_mentor_and_several_lines_are_added_all_or_none_with_undo_and_their_names_never_leave_the_browser(
    browser, proxy, board, read
):
    board = Board(browser, proxy.base_url).open()
    assert board.has("heading", "There are no mentors yet")
    board.follow("Add mentors")
    add_lines(board, "noor-ali, Noor Quark")
    wait_said(board, "✓ 1 mentor added")
    assert board.texts("#panel .outcome .name") == ["Noor Quark"]
    add_lines(board, 'ben;"Quark; Ben"\n\ncyd\n noor-ali ;Noor Zebedee\n')
    wait_said(board, "✓ 2 mentors added, 1 id known already")
    assert ids(read) == ["ben", "cyd", "noor-ali"]
    assert {entry["changed_by"] for entry in read("/api/v1/history")["data"]} == {"Ada"}
    board.go("view=available")
    assert [row[0] for row in board.rows()] == ["Noor Zebedee noor-ali", "Quark; Ben ben", "cyd"]
    board.go("panel=undo")
    board.press("Undo")
    board.wait(lambda: ids(read) == ["noor-ali"])
    sent = [str(request).lower() for request in proxy.requests]
    assert [text for text in sent if any(part in text for part in ("quark", "zebedee"))] == []


def test_a_line_that_is_wrong_is_named_with_how_to_write_it_nothing_is_sent_and_the_text_stays(
    browser, proxy, board, read
):
    board = Board(browser, proxy.base_url).open("panel=add")
    for text, *wrong in (
        ("ada\nNoor Ali", f"Line 2: “Noor Ali” is no id: {ID_HAS}"),
        ("ada\nMary-Ann Hill", f"Line 2: “Mary-Ann Hill” is no id: {ID_HAS}"),
        ("kim-lee Kim  Lee\nnoël.k Noël K", f"Line 2: “noël.k Noël K” is no id: {ID_HAS}"),
        ("ada, Quark, Ada", "Line 1: It has more than an id and a name. A name with a comma is put in quotes."),
        ("ada\nben\nada", "Line 3: ada has a line above already. Leave one of them out."),
        (
            "Noor Ali\n(ada)",
            f"Line 1: “Noor Ali” is no id: {ID_HAS}",
            f"Line 2: “(ada)” is no id: {ID_HAS}",
        ),
    ):
        add_lines(board, text)
        number = "a line is" if len(wrong) == 1 else f"{len(wrong)} lines are"
        wait_said(board, " ".join([f"Nothing was added: {number} wrong.", *wrong]))
        assert board.driver.find_element("name", "mentors").get_property("value") == text
    assert {method for method, *_ in proxy.requests} == {"GET"}
    add_lines(board, "ada, Ada  Quark")
    wait_said(board, "✓ 1 mentor added")
    assert board.texts("#panel .outcome .name") == ["Ada Quark"]
    assert board.driver.find_element("name", "mentors").get_property("value") == ""


def test_after_an_undo_the_text_is_there_again_and_if_the_answer_was_lost_adding_it_again_changes_nothing(
    browser, proxy, board, add, read
):
    add("m-2", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open("panel=add")
    text = "m-1 Jo Hill\nm-2 Al Hill"
    field = board.wait(lambda: board.driver.find_element("name", "mentors"))
    add_lines(board, text)
    wait_said(board, "✓ 1 mentor added, 1 id known already")
    board.press("Undo")
    board.wait(lambda: field.get_property("value") == text)
    proxy.lose = "POST"
    board.press("Add")
    wait_said(board, "No answer came: the change may have been made, or not. Trying again is safe.")
    assert field.get_property("value") == text
    board.press("Add")
    wait_said(board, "✓ 0 mentors added, 2 ids known already")
    assert not board.has("button", "Undo")
    assert (ids(read), len(read(f"{MENTORS}/m-2/history")["data"])) == (["m-1", "m-2"], 2)
    board.press("Close")
    board.shows("Al Hill m-2")


def test_no_phone_changes_what_is_typed_as_an_id(board):
    board.open("panel=add")
    settings = """return ["autocapitalize", "autocorrect", "spellcheck"].map((name) =>
      document.querySelector(`[name=${arguments[0]}]`).getAttribute(name))"""
    for field in ("mentors", "q"):
        assert board.driver.execute_script(settings, field) == ["none", "off", "false"]
