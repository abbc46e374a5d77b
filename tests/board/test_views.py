"""The views beside the board: what changed, this week, the trend; and the link from an id to the person."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.board.conftest import MENTORS, ONE_WORKER, READER, RECORDS, STATUS, day, execute, shown
from tests.support.board import Board, untimed
from tests.support.server import Server

VIEWS = ["This week", "What changed", "Trend"]
CRAFTED = "<img src=x onerror=alert(1)>"
ASKED = """return performance.getEntriesByType("resource").filter((each) => each.name.includes("/api/v1/"))
  .map((each) => each.name.replace(/.*\\/api\\/v1\\//, "").replace(/\\?.*/, ""))"""
SECTIONS = """return [...document.querySelectorAll(".week section")].map((section) => [
  section.querySelector("h2").textContent,
  ...[...section.querySelectorAll("tbody th bdi")].map((name) => name.textContent)])"""


def open_view(board, state, ready):
    board.open(state, drawn=False)
    board.wait(lambda: any(board.texts(ready)))
    return board


def changes(board):
    """Open "What changed" and return its lines."""
    return lines(open_view(board, "view=changes", ".changes li"))


def lines(board):
    return [" ".join(line.split()) for line in board.texts(".changes li")]


def weeks(board):
    """Return the rows of the table beside the trend: the week and the five counts."""
    script = """return [...document.querySelectorAll(".trend tbody tr")].map((row) =>
      [...row.cells].map((cell) => cell.textContent.trim().replace(/\\s+/g, " ")))"""
    return board.driver.execute_script(script)


def requests(board, act):
    """Return the paths that the board asks the API for until it has done what `act` causes."""
    board.driver.execute_script(
        "performance.clearResourceTimings(); document.querySelector('#freshness').textContent = ''"
    )
    act()
    board.wait(lambda: board.text("#freshness").startswith("As of "))
    return board.driver.execute_script(ASKED)


# --- what changed


def test_an_updated_pause_is_said_with_what_it_was_before_also_if_another_one_was_changed_between(board, add, write):
    record, other = add("ada", {"start_date": day(-5)}, {"start_date": day(20), "reason": "exam"})
    for each, change in ((other, {"reason": "fair"}), (record, {"expected_return_date": day(4), "reason": "illness"})):
        write("PUT", f"{RECORDS}/{each['pause_record_id']}", change)
    newest = changes(board)[0]
    dates = [f"{shown(-5)} \N{EN DASH} {back}" for back in (f"{shown(4)} (expected)", "not known")]
    assert newest[6:] == f"ada Somebody updated a pause: Illness, {dates[0]}, instead of Leave, {dates[1]}; then paused"


def test_another_return_date_of_a_pause_that_has_an_end_is_said_though_the_end_is_what_counts(board, add, write):
    [record] = add("ada", {"start_date": day(-9), "end_date": day(-5), "expected_return_date": day(-4)})
    write("PUT", f"{RECORDS}/{record['pause_record_id']}", {"expected_return_date": day(-6)})
    change = f"{shown(-9)} \N{EN DASH} {shown(-5)}, expected return date: {shown(-4)} → {shown(-6)}; then active"
    assert changes(board)[0][6:] == f"ada Somebody updated a pause: Leave, {change}"


def test_what_changed_says_who_did_what_to_whom_newest_first_and_each_line_leads_to_its_mentor(board, add, write):
    add("ada", {"start_date": day(-5), "expected_return_date": day(4), "metadata": {"initiated_by": "Grace"}})
    metadata = {"initiated_by": "Grace", "notes": CRAFTED}
    write("PUT", f"{MENTORS}/ada", {"status": "active", "metadata": metadata})
    ended, opened, created = (line[6:] for line in changes(board))
    assert ended.startswith("ada Grace ended a pause: Leave, ")
    assert ended.endswith(f"; then active {CRAFTED}")
    dates = f"{shown(-5)} \N{EN DASH} {shown(4)} (expected)"
    assert opened == f"ada Grace opened a pause: Leave, {dates}; then paused"
    assert created == "ada Somebody created the mentor; then active"
    assert [datetime.now(UTC).strftime("%A, %B"), "1"] == [board.text(".changes h2").rsplit(" ", 2)[0], "1"]
    board.follow("ada")
    board.wait(lambda: board.texts(".history li"))
    assert "view=changes&mentor=ada" in board.driver.current_url
    board.press("Close")
    board.wait(lambda: board.driver.switch_to.active_element.text == "ada")


def test_an_undo_says_whose_change_it_undid_and_leads_to_that_if_it_is_shown(board, add, write, read):
    add("ada", {"start_date": day(-5)})
    write("PUT", f"{MENTORS}/ada", {"status": "active", "metadata": {"initiated_by": "bob"}})
    newest = read("/api/v1/history?limit=1")["data"][0]["history_entry_id"]
    undo = {"history_entry_ids": [newest], "metadata": {"initiated_by": "Grace"}}
    write("POST", "/api/v1/history/undo", undo)
    said = untimed(changes(board)[0])
    assert said[6:].startswith("ada Grace undid the change by bob, 12:00 UTC: reopened a pause: Leave, ")
    assert said.endswith("; then paused")
    board.driver.find_element("css selector", ".undid[href]").click()
    assert "ada bob ended a pause: Leave, " in " ".join(board.driver.switch_to.active_element.text.split())
    board.follow("Grace")
    board.wait(lambda: len(lines(board)) == 1)
    assert lines(board)[0][6:].startswith("ada Grace undid an earlier change: reopened a pause: Leave, ")
    assert not board.driver.find_elements("css selector", ".undid[href]")


def test_a_name_leads_to_what_this_colleague_changed_and_back_to_all(board, add, write):
    for mentor, name in (("ada", "Grace"), ("ben", "Linus & Ken")):
        write("POST", MENTORS, {"mentor_id": mentor, "metadata": {"initiated_by": name}})
    assert len(changes(board)) == 2
    board.follow("Linus & Ken")
    board.wait(lambda: [line[6:] for line in lines(board)] == ["ben Linus & Ken created the mentor; then active"])
    board.follow("Show what everybody changed")
    board.wait(lambda: len(lines(board)) == 2)


def test_more_is_shown_page_by_page_and_a_poll_asks_for_the_pages_that_are_shown(board, write, read):
    rows = "".join(f"mentor-{number:03}\n" for number in range(120))
    write("POST", f"{MENTORS}.csv", f"mentor_id\n{rows}".encode())
    assert len(changes(board)) == 50
    assert requests(board, lambda: board.follow("Show more")) == ["history", "history"]
    board.wait(lambda: len(lines(board)) == 100)
    board.follow("Show more")
    board.wait(lambda: len(lines(board)) == 120)
    assert not board.has("link", "Show more")
    expected = [entry["mentor_id"] for entry in read("/api/v1/history?limit=100")["data"]]
    assert board.texts(".changes .mentor")[:100] == expected
    assert requests(board, board.poll) == ["history"] * 3
    write("POST", MENTORS, {"mentor_id": "zoe"})
    board.poll()
    board.wait(lambda: "zoe" in lines(board)[0])
    assert len(lines(board)) == 121


def test_the_address_takes_every_number_of_pages_to_which_show_more_can_lead(board, write):
    rows = "".join(f"mentor-{number:03}\n" for number in range(60))
    write("POST", f"{MENTORS}.csv", f"mentor_id\n{rows}".encode())
    open_view(board, "view=changes&more=100", ".changes li")
    assert len(lines(board)) == 60


def test_a_mentor_who_is_erased_goes_from_every_page_that_is_shown(board, write):
    rows = "".join(f"mentor-{number:03}\n" for number in range(60))
    write("POST", f"{MENTORS}.csv", f"mentor_id\n{rows}".encode())
    changes(board)
    board.follow("Show more")
    board.wait(lambda: len(lines(board)) == 60)
    first, *_, last = board.texts(".changes .mentor")
    write("DELETE", f"{MENTORS}/{last}?erase=true")
    board.poll()
    board.wait(lambda: last not in board.texts(".changes .mentor"))
    assert board.texts(".changes .mentor")[0] == first


def test_a_mentor_whose_panel_was_closed_stays_closed_when_a_line_of_the_view_is_followed(board, add, write):
    add("ada", {"start_date": day(-5)})
    write("POST", MENTORS, {"mentor_id": "ben", "metadata": {"initiated_by": "Grace"}})
    changes(board)
    board.driver.find_element("css selector", ".changes .mentor[title=ada]").click()
    board.press("Bring back now")
    board.wait_said("ada is back.")
    board.press("Close")
    board.wait(lambda: not board.has("dialog", "ada"))
    board.follow("Grace")
    board.wait(lambda: len(lines(board)) == 1)
    assert "mentor=" not in board.driver.current_url
    assert not board.has("dialog", "ada")


def test_where_nothing_was_changed_and_where_older_entries_were_deleted_it_says_so(board, write, database):
    open_view(board, "view=changes", ".changes .nothing")
    assert board.text(".changes .nothing") == "Nothing was changed so far."
    write("POST", MENTORS, {"mentor_id": "ada"})
    execute(database, "UPDATE installation SET purged_before = '2026-01-01T00:00:00Z'")
    try:
        changes(board)
        assert board.text(".purged") == f"Entries before {shown('2026-01-01')} may have been deleted."
    finally:
        execute(database, "UPDATE installation SET purged_before = NULL")


# --- this week


@pytest.fixture
def week(add):
    """Add one mentor for each section of the digest but `ended`."""
    add("late", {"start_date": day(-20), "expected_return_date": day(-5), "reason": CRAFTED})
    add("due", {"start_date": day(-20), "expected_return_date": day(3)})
    add("soon", {"start_date": day(2), "end_date": day(30)})
    add("gone", {"start_date": day(-2), "expected_return_date": day(30)})
    add("open", {"start_date": day(-30)})


def test_this_week_has_a_section_with_its_total_for_each_that_the_digest_has_and_no_empty_one(board, week, read):
    open_view(board, "view=week", ".week section")
    assert board.driver.execute_script(SECTIONS) == [
        ["Overdue: 1", "late"],
        ["Expected back in the 7 days from today: 1", "due"],
        ["Pauses that begin in the 7 days from today: 1", "soon"],
        ["Pauses that began in the last 7 days: 1", "gone"],
        ["Paused without a return date: 1", "open"],
    ]
    digest = read("/api/v1/digest?days=7")
    assert [digest[name]["total"] for name in ("overdue", "due", "beginning", "begun", "ended", "undated")] == [
        *(1, 1, 1, 1, 0, 1)
    ]
    board.follow("due")
    board.wait(lambda: board.has("button", "Bring back now"))


def test_the_7_days_from_today_are_the_same_in_the_count_the_filter_the_actions_and_this_week(board, add):
    for offset in (0, 6, 7):
        add(f"back-{offset}", {"start_date": day(-20), "expected_return_date": day(offset)})
    board.open()
    assert [name for name in ("back-0", "back-6", "back-7") if board.has("button", f"Bring back {name}")] == [
        "back-0",
        "back-6",
    ]
    board.follow("2 pauses back in the 7 days from today")
    board.wait(lambda: board.mentors() == ["back-0", "back-6"])
    board.follow("This week")
    due = ["Expected back in the 7 days from today: 2", "back-0", "back-6"]
    board.wait(lambda: due in board.driver.execute_script(SECTIONS))


def test_a_mentor_is_brought_back_from_this_week_and_leaves_it(board, week):
    open_view(board, "view=week", ".week section")
    board.press("Bring back late")
    board.wait_said("late is back.")
    board.elapse()
    board.wait(lambda: "Overdue: 1" not in board.texts(".week h2"))


def insert_undated(database, count, start):
    """Insert so many pauses of ada without a return date, which start on a day, one second after the other."""
    columns = "mentor_id, start_date, created_at, last_changed"
    midnight = f"{day(-9)}T00:00:00Z"
    starts = [f"{day(start)}T01:{number // 60:02}:{number % 60:02}Z" for number in range(count)]
    rows = ", ".join(str(("ada", each, midnight, midnight)) for each in starts)
    execute(database, f"INSERT INTO pause_record ({columns}) VALUES {rows}")


@pytest.mark.parametrize(
    ("count", "start", "sections"),
    [
        (101, -9, ["Paused without a return date: 101"]),
        (1001, -9, ["Paused without a return date: 1,001", "The first 1,000 of them are shown."]),
        (
            101,
            -2,
            [
                "Pauses that began in the last 7 days: 101",
                "The first 100 of them are shown.",
                "Paused without a return date: 101",
            ],
        ),
    ],
)
def test_what_somebody_has_to_act_on_is_shown_up_to_1000_and_the_rest_up_to_100_and_it_says_where_not_all_are(
    board, database, add, count, start, sections
):
    add("ada")
    insert_undated(database, count, start)
    open_view(board, "view=week", ".week section")
    assert board.texts(".week section > :is(h2, p)") == sections


def test_who_has_two_pauses_is_expected_back_this_week_at_the_end_of_the_one_that_lasts_longer(board, add):
    due = {"start_date": day(-20), "expected_return_date": day(3)}
    add("once", due)
    add("longer", due, {"start_date": day(-9), "expected_return_date": day(5)})
    add("until-later", due, {"start_date": day(-9), "end_date": day(30)})
    add("undated", due, {"start_date": day(-9)})
    add("follow-up", due, {"start_date": day(3), "expected_return_date": day(20)})
    add("away-again", due, {"start_date": day(4), "expected_return_date": day(20)})
    add("ended", due, {"start_date": day(-9), "end_date": day(-8)})
    open_view(board, "view=week", ".week section")
    title = "Expected back in the 7 days from today"
    sections = {heading.split(":")[0]: [heading, *names] for heading, *names in board.driver.execute_script(SECTIONS)}
    assert sections[title] == [f"{title}: 4", "away-again", "ended", "once", "longer"]


def test_after_a_purge_of_the_last_days_this_week_shows_what_is_left_and_says_so(board, add, database):
    add("ada", {"start_date": day(-20), "expected_return_date": day(-5)})
    execute(database, f"UPDATE installation SET purged_before = '{day(-1)}T00:00:00Z'")
    note = f"Pauses that ended before {shown(-1)} have been deleted."
    try:
        open_view(board, "view=week", ".week section")
        assert board.driver.execute_script(SECTIONS) == [["Overdue: 1", "ada"]]
        assert note in board.texts(".week > p")
        execute(database, "DELETE FROM pause_record")
        open_view(board, "view=week", ".week .nothing")
        assert board.has("heading", "Nothing to do this week")
        assert note in board.texts(".week > p")
    finally:
        execute(database, "UPDATE installation SET purged_before = NULL")


def test_rows_of_this_week_are_chosen_with_shift_and_all_together_and_changed_as_those_of_the_table(board, week, read):
    open_view(board, "view=week", ".week section")
    boxes = board.driver.find_elements("css selector", ".week .choose")
    assert [box.get_attribute("value").split()[0] for box in boxes] == ["late", "due", "open"]
    boxes[0].click()
    ActionChains(board.driver).key_down(Keys.SHIFT).click(boxes[1]).key_up(Keys.SHIFT).perform()
    assert board.text("#choice output") == "2 chosen"
    board.press("Choose all", "checkbox")
    board.wait(lambda: board.text("#choice output") == "3 chosen")
    board.follow("Change together")
    board.press("Bring back")
    board.press("Apply")
    board.wait_said("Bring back: done for 3 mentors.")
    assert {read(f"{MENTORS}/{name}")["status"] for name in ("late", "due", "open")} == {"active"}
    board.wait(lambda: board.driver.execute_script(SECTIONS)[0][0].startswith("Pauses that begin"))
    assert "view=week" in board.driver.current_url


def test_118_overdue_can_be_chosen_together_in_this_week(board, write):
    lines = "".join(f"mentor-{number:03},paused,{day(-60)},{day(-40)}\n" for number in range(118))
    header = "mentor_id,status,pause_start_date,expected_return_date\n"
    write("POST", f"{MENTORS}.csv", (header + lines).encode())
    open_view(board, "view=week", ".week section")
    assert [heading for heading, *_ in board.driver.execute_script(SECTIONS)] == ["Overdue: 118"]
    board.press("Choose all", "checkbox")
    assert board.text("#choice output") == "118 chosen"
    board.follow("Change together")
    board.wait(lambda: board.has("StaticText", "118 mentors chosen"))


def test_the_bar_of_what_is_chosen_stands_above_the_rows_of_the_view_that_is_shown(board, week):
    board.open()
    board.press("Choose late", "checkbox")
    board.follow("This week")
    board.wait(lambda: board.texts(".week section"))
    assert board.text("#choice output") == "1 chosen"  # it is shown here, too
    board.follow("Trend")
    board.wait(lambda: weeks(board))
    assert not board.has("checkbox", "Choose all")
    board.follow("Who is away")
    board.wait(lambda: board.has("checkbox", "Choose all"))
    board.press("Choose due", "checkbox")
    assert board.text("#choice output") == "2 chosen"


def test_where_nobody_needs_anything_this_week_it_says_so(board, add):
    add("ada")
    open_view(board, "view=week", ".nothing")
    assert board.has("heading", "Nothing to do this week")
    assert board.texts(".week section") == []


# --- the trend


def monday(offset):
    """Return the Monday so many weeks after that of this week, as a day."""
    return day(7 * offset - datetime.now(UTC).weekday())


def test_the_trend_shows_each_week_of_half_a_year_and_a_quarter_ahead_with_the_figures_of_the_api(board, week, read):
    open_view(board, "view=trend", ".trend tbody tr")
    periods = read(f"/api/v1/statistics?from={monday(-26)}&to={monday(14)}&by=week")["data"]
    columns = ("paused", "stay", "begun", "ended", "late")
    periods = [each | {"stay": each["paused"] + each["overdue"]} for each in periods]
    counts = [[str(each[name]) for name in columns] for each in periods]
    names = [shown(monday(offset)) + " expected" * (offset > 0) for offset in range(-26, 14)]
    rows = [[name, *row] for name, row in zip(names, counts, strict=True)]
    rows.insert(27, ["Now", "4", "4", "", "", ""])
    assert weeks(board) == rows
    current = "return document.querySelector('.trend [aria-current] th').innerText.trim()"
    assert board.driver.execute_script(current) == "Now"


def test_the_trend_begins_what_is_ahead_with_the_count_that_the_board_shows_as_paused(board, add):
    add("late", {"start_date": day(-20), "expected_return_date": day(-5)})
    add("late-and-away", {"start_date": day(-20), "expected_return_date": day(-5)}, {"start_date": day(-9)})
    add("late-and-coming", {"start_date": day(-20), "expected_return_date": day(-5)}, {"start_date": day(60)})
    board.open()
    assert board.texts("#counts a")[1] == "3\nmentors paused"
    board.follow("Trend")
    board.wait(lambda: weeks(board))
    now, next_week, *_, last = weeks(board)[27:]
    assert (now[:3], next_week[1:3], last[1:3]) == (["Now", "3", "3"], ["1", "3"], ["2", "3"])
    assert "3 now, 3 at most" in board.text(".trend figcaption")
    assert board.texts(".trend .legend span:has(.stay)") == ["if the overdue stay away"]


def test_the_picture_draws_what_was_with_a_line_what_is_expected_dashed_and_today(board, week, read):
    open_view(board, "view=trend", ".trend tbody tr")
    names = ("past", "ahead", "stay", "present")
    *lines, point = (board.driver.find_element("css selector", f"polyline.{name}") for name in names)
    before, after, stay, present = (
        [[float(number) for number in place.split(",")] for place in each.get_attribute("points").split(" ")]
        for each in (*lines, point)
    )
    assert (len(before), len(after), len(stay)) == (28, 14, 14)
    assert before[-1] == after[0] == stay[0] == present[0] == present[1]
    periods = read(f"/api/v1/statistics?from={monday(-26)}&to={monday(14)}&by=week")["data"]
    now = read(f"{MENTORS}?status=paused")["pagination"]["total"]
    paused = [each["paused"] for each in periods]
    paused.insert(27, now)
    with_overdue = [each["paused"] + each["overdue"] for each in periods[27:]]
    most = max(paused + with_overdue)
    assert board.texts(".level b") == ["0", f"{most:,}"]
    assert [round((100 - y) * most / 100, 6) for _, y in before + after[1:]] == paused
    assert [round((100 - y) * most / 100, 6) for _, y in stay[1:]] == with_overdue != paused[28:]
    assert len({line.value_of_css_property("stroke-dasharray") for line in lines}) == 3
    place = "return document.querySelector('#view .now').style.getPropertyValue('--from')"
    assert float(board.driver.execute_script(place)) == pytest.approx(after[0][0], abs=0.001)
    assert (before[0][0], after[-1][0]) == (0, 100)
    window = f"{shown(monday(-26))} \N{EN DASH} {shown(monday(13))}"
    assert board.has("image", f"Mentors paused, {window}: {now} now, {most} at most")


def test_where_no_mentor_was_paused_the_trend_says_so(board, add):
    add("ada")
    open_view(board, "view=trend", ".trend tbody tr")
    nobody = "No mentor was paused at the start of any of these weeks, none is now, and none is expected to be."
    assert nobody in board.text(".trend figure")
    assert {row[1] for row in weeks(board)} == {"0"}


def test_after_a_purge_the_trend_begins_at_its_date(board, add, database):
    add("ada", {"start_date": day(-20)})
    execute(database, f"UPDATE installation SET purged_before = '{monday(-8)}T00:00:00Z'")
    try:
        open_view(board, "view=trend", ".trend tbody tr")
        assert weeks(board)[0][0] == shown(monday(-8))
        assert not board.trouble()
    finally:
        execute(database, "UPDATE installation SET purged_before = NULL")


# --- all of them


def test_the_views_are_reached_by_the_keyboard_and_each_has_an_address_to_go_back_to(board, add):
    add("ada", {"start_date": day(-5)})
    board.open()
    board.get("link", "What changed").send_keys(Keys.ENTER)
    board.wait(lambda: len(lines(board)) == 2)
    assert board.driver.current_url.endswith("#view=changes")
    assert board.driver.title.startswith("What changed")
    assert board.has("heading", "What changed")
    assert not board.has("search", "Filters")
    board.driver.switch_to.active_element.send_keys(Keys.TAB, Keys.TAB)  # past "Trend", to the first line
    assert board.driver.switch_to.active_element.text == "ada"
    board.driver.switch_to.active_element.send_keys(Keys.ENTER)
    board.wait(lambda: board.has("button", "Bring back now"))
    board.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    board.wait(lambda: board.driver.switch_to.active_element.text == "ada")
    board.follow("Who is away")
    board.wait(lambda: board.mentors() == ["ada"] and board.has("search", "Filters"))
    board.driver.back()
    board.wait(lambda: len(lines(board)) == 2)


@pytest.mark.parametrize(
    ("name", "paths", "ready"),
    [
        ("week", ["digest", "pause-records"], ".week section"),
        ("changes", ["history"], ".changes li"),
        ("trend", ["mentor-statuses", "statistics"], ".trend tr"),
    ],
)
def test_a_view_asks_for_nothing_but_what_it_shows_and_is_drawn_anew_only_for_news(
    board, week, add, name, paths, ready
):
    open_view(board, f"view={name}", ready)
    assert sorted(set(board.driver.execute_script(ASKED))) == sorted([*paths, "pause-records/any"])
    board.driver.execute_script("document.querySelector('#view').lastElementChild.dataset.old = ''")
    assert sorted(set(requests(board, board.poll))) == paths
    assert board.driver.find_elements("css selector", "#view > [data-old]")
    add("zoe", {"start_date": day(-60), "expected_return_date": day(-2)})
    board.poll()
    board.wait(lambda: not board.driver.find_elements("css selector", "#view > [data-old]"))


@pytest.mark.parametrize(
    ("name", "ready"), [("week", ".week section"), ("changes", ".changes li"), ("trend", ".trend tr")]
)
def test_while_a_view_loads_and_where_the_service_is_away_it_says_so_and_keeps_what_it_shows(
    browser, proxy, add, name, ready
):
    add("ada", {"start_date": day(-50)})
    proxy.held.clear()
    board = Board(browser, proxy.base_url).open(f"view={name}", drawn=False)
    board.wait(lambda: board.text("#freshness") == "Loading…")
    proxy.held.set()
    board.wait(lambda: any(board.texts(ready)))
    proxy.down = "/"
    board.poll()
    board.wait(board.trouble)
    assert board.trouble() == "The service cannot be reached. The page tries again by itself."
    assert any(board.texts(ready))
    assert board.text("#freshness").startswith("As of ")


@pytest.mark.parametrize("state", ["", "view=week", "view=changes", "view=trend"])
def test_of_a_view_that_was_never_read_it_says_so_and_not_that_it_loads(browser, proxy, add, state):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url)
    proxy.down = "/api/"
    board.open(state, drawn=False)
    board.wait(board.trouble)
    assert board.text("#freshness") == "Nothing could be read yet."
    assert "Loading" not in board.text("body")
    proxy.restore()
    board.poll()
    board.wait(lambda: board.text("#freshness").startswith("As of "))


def test_each_view_says_when_what_it_shows_was_read_where_the_service_is_away(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    time = board.text("#freshness").removeprefix("As of ")
    proxy.down = "/api/"
    board.follow("This week")
    board.wait(lambda: board.text("#freshness") == "Nothing could be read yet.")
    board.follow("Who is away")
    board.wait(lambda: board.text("#freshness") == f"As of {time}")
    assert board.mentors() == ["ada"]


@pytest.mark.parametrize(
    ("state", "name", "ready"),
    [
        ("view=week", "This week", ".week tbody tr"),
        ("view=changes&by=Grace", "What changed", ".changes li"),
        ("view=trend", "Trend", ".trend tr"),
    ],
)
def test_a_view_that_was_read_before_shows_that_and_as_of_when_where_the_service_is_away(
    browser, proxy, add, state, name, ready
):
    add("ada", {"start_date": day(-5), "metadata": {"initiated_by": "Grace"}})
    board = open_view(Board(browser, proxy.base_url), state, ready)
    board.wait(lambda: board.text("#freshness").startswith("As of "))
    shown_before, time = board.text("#view"), board.text("#freshness")
    board.follow("Who is away")
    board.wait(lambda: board.mentors() == ["ada"])
    proxy.down = "/api/"
    board.follow(name)
    board.wait(lambda: board.text("#freshness") == time)
    assert board.text("#view") == shown_before
    proxy.restore()
    add("ben", {"start_date": day(-4), "metadata": {"initiated_by": "Grace"}})
    board.poll()
    board.wait(lambda: board.text("#view") != shown_before and not board.trouble())


def test_old_rows_are_not_said_to_be_up_to_date_when_one_comes_back_to_them(browser, proxy, add):
    add("ada", {"start_date": day(-5)})
    board = Board(browser, proxy.base_url).open()
    board.follow("Trend")
    board.wait(lambda: weeks(board))
    add("ben", {"start_date": day(-4)})
    proxy.held.clear()
    board.follow("Who is away")
    board.wait(lambda: board.text("h1") == "Who is away")
    assert (board.mentors(), board.text("#freshness")) == (["ada"], "Loading…")
    proxy.held.set()
    board.wait(lambda: board.mentors() == ["ada", "ben"])
    board.wait(lambda: board.text("#freshness").startswith("As of "))


def test_a_view_is_printed_without_its_controls(board, week):
    seen = "return document.querySelector(arguments[0]).checkVisibility()"
    board.open()
    board.cdp("Emulation.setEmulatedMedia", media="print")
    try:
        for name, printed, left_out in (
            ("week", ".week tbody tr", ".week .actions"),
            ("changes", ".changes li", ".changes .more"),
            ("trend", ".trend polyline.ahead", "#views"),
        ):
            board.go(f"view={name}")
            assert (name, board.driver.execute_script(seen, printed)) == (name, True)
            assert (name, board.driver.execute_script(seen, left_out)) == (name, False)
            assert board.text("h1")
    finally:
        board.cdp("Emulation.setEmulatedMedia", media="")


def test_a_token_that_may_not_read_pauses_is_offered_no_view_and_one_that_may_is(closed):
    closed.enter(STATUS)
    closed.wait(lambda: closed.face() == "forbidden")
    assert [name for name in VIEWS if closed.has("link", name)] == []
    closed.driver.execute_script("location.hash = 'view=week'")
    closed.wait(lambda: closed.text("h1") == "This week")
    closed.wait(lambda: closed.has("heading", "This token may not read the pauses"))
    closed.press("Use another token")
    closed.enter(READER)
    closed.wait(lambda: closed.driver.execute_script(SECTIONS)[-1:] == [["Paused without a return date: 1", "ada"]])
    assert [name for name in VIEWS if closed.has("link", name)] == VIEWS
    assert not closed.has("button", "Bring back ada")


# --- the person


@pytest.fixture
def linked(database, running):
    """Run a service that knows where a mentor's own page is."""
    return running(Server, database, **ONE_WORKER, MENTOR_URL="https://app.example/people/{mentor_id}?from=board")


PEOPLE = """return [...document.querySelectorAll(arguments[0] + " .person")]
  .filter((each) => each.checkVisibility()).map((each) => [each.href, each.target, each.rel])"""


def test_rows_and_the_panel_lead_to_the_person_where_the_service_knows_the_address(browser, linked, add):
    mentor = "a~b:c@d"
    add(mentor, {"start_date": day(-9)})
    address = f"https://app.example/people/{quote(mentor, safe='~')}?from=board"
    board = Board(browser, linked.base_url).open()
    person = [[address, "_blank", "noopener"]]
    assert browser.execute_script(PEOPLE, "#table") == person
    for name, ready in (("week", ".week section"), ("changes", ".changes li")):
        open_view(board, f"view={name}", ready)
        found = browser.execute_script(PEOPLE, "#view")
        assert found and all(each == person[0] for each in found)
    open_view(board, f"mentor={quote(mentor)}", ".history li")
    assert browser.execute_script(PEOPLE, "#panel") == person
    assert board.has("link", f"Page of {mentor}")


def test_where_the_service_knows_no_address_there_is_no_link_to_a_person(board, add):
    add("ada", {"start_date": day(-9)})
    open_view(board, "mentor=ada", ".history li")
    assert board.driver.find_elements("css selector", ".person") == []
