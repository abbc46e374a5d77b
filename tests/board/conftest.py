"""One browser, one server and one proxy for all tests; each test begins with empty tables.

Each begins at NOW, too: the service and the browser have clocks that go on from there.

They run on SQLite; what the page reads and writes is tested on both databases in tests/page/service/.
"""

import re
from collections import Counter
from contextlib import ExitStack
from datetime import date, timedelta
from functools import cache

import pytest

from tests.support.board import Board
from tests.support.browser import chromium
from tests.support.clock import Clock
from tests.support.commands import execute
from tests.support.programs import missing
from tests.support.proxy import proxy_to
from tests.support.server import Server

# A Wednesday, on which it is tomorrow in Kiritimati, and yesterday in Pago Pago. It is ahead of the real time, by which
# the browser's cache goes: a file that was sent a year ago is too old for it.
NOW = "2034-05-10T10:30:00Z"
TODAY = date.fromisoformat(NOW[:10])
MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
TABLES = ("history_entry", "pause_record", "mentor_status")
CLOCK = "{ const now = Date.now; Date.now = () => now() + %d; }"  # by milliseconds
ONE_WORKER = {"WEB_CONCURRENCY": 1, "GUNICORN_CMD_ARGS": "--graceful-timeout 0"}  # a browser's connections stay open
WRITER, READER, STATUS = "coordinator-token-0001", "dashboard-token-00001", "matching-token-000001"
RIGHT_TO_LEFT = "חופשה ארוכה מאוד"  # a reason
BY_BOB = {"metadata": {"initiated_by": "bob"}}  # a colleague
SEND = """window.requests = []; window.waiting = 0;
const send = fetch;
window.fetch = async (address, init) => {
  const {pathname, search} = new URL(address);
  const path = pathname.split("/api/v1/")[1] + search;
  requests.push([init.method, path, init.headers["If-Match"] ?? null, init.body ?? null]);
  waiting += 1;
  return send(address, init).finally(() => (waiting -= 1));
};"""
TAKE = "if (waiting) return null; const taken = requests; requests = []; return taken"


def pytest_collection_modifyitems(items):
    """Skip the tests of the board where there is no browser. Begin with the files of many tests, which take long."""
    reason = missing("chromium", "chromedriver")
    for item in items:
        if "tests/board/" in item.path.as_posix() and reason:
            item.add_marker(pytest.mark.skip(reason=reason))
    counts = Counter(item.path for item in items)
    items.sort(key=lambda item: -counts[item.path] if item.path.parent.name == "board" else 0)


@pytest.fixture(scope="package")
def database(tmp_path_factory):
    """Return the URL of a database that the servers of this session have for themselves."""
    return f"sqlite:///{tmp_path_factory.mktemp('board') / 'board.db'}"


@pytest.fixture(scope="package")
def running():
    """Return a function that enters a context manager that is made of these arguments, once in a session."""
    with ExitStack() as entered:
        yield cache(lambda make, *args, **kwargs: entered.enter_context(make(*args, **kwargs)))


@pytest.fixture(scope="package")
def clock_file(tmp_path_factory):
    return tmp_path_factory.mktemp("clock") / "seconds"


@pytest.fixture(autouse=True)
def service_clock(request, clock_file, injected):
    """Have the clock of all servers show NOW, or the parameter of a test, and that of the browser the same."""
    clock = Clock(clock_file)
    clock.set(getattr(request, "param", NOW))
    injected(CLOCK % (clock.ahead() * 1000))
    return clock


@pytest.fixture
def serve(database, running, service_clock):
    """Return a function that returns a server with further variables, which runs for the whole session."""
    return lambda **env: running(Server, database, clock=service_clock.path, **ONE_WORKER, **env)


@pytest.fixture
def server(request, serve):
    """Return a server, with further variables if those are the parameter of a test."""
    return serve(**getattr(request, "param", {}))


@pytest.fixture
def closed_server(serve, server):
    """Return a server of the same database that asks for tokens."""
    return serve(API_TOKENS=f"ada:{WRITER}:write,dashboard:{READER}:read,matching:{STATUS}:status")


@pytest.fixture
def proxy(server, running):
    """Return the proxy in front of the server, on a good network at the beginning and at the end."""
    proxy = running(proxy_to, server)
    yield proxy
    proxy.restore()


@pytest.fixture(scope="package")
def browser():
    with chromium() as driver:
        yield driver


@pytest.fixture(autouse=True)
def sound(browser):
    """Hold each test to a page without a fault of its own: no exception, and nothing that its policy forbids."""
    browser.get_log("browser")
    yield
    messages = [entry["message"] for entry in browser.get_log("browser")]
    assert [message for message in messages if "Uncaught" in message or "Security" in message] == []


@pytest.fixture
def faulty(browser):
    """Let the page have faults: leave it, and forget what the browser noted of them."""
    yield
    browser.get("about:blank")
    browser.get_log("browser")


@pytest.fixture(autouse=True)
def forgetful(browser):
    """Have the browser keep nothing of the test before, whichever server that was about."""
    browser.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "local_storage"})


@pytest.fixture
def empty(database):
    """Empty every table."""
    execute(database, *(f"DELETE FROM {table}" for table in TABLES))


def fill(database, mentors, paused):
    """Insert so many mentors, of whom so many are paused, by SQL."""
    names = [f"mentor-{number:05}" for number in range(mentors)]
    pauses = [
        (name, day(-(number % 40)), day(number % 50 + 1), f"reason {number % 7}", day(-1), day(-1))
        for number, name in enumerate(names[: paused * 20 : 20])
    ]
    insert(database, "mentor_status (mentor_id, last_updated)", [(name, day(-1)) for name in names])
    columns = "mentor_id, start_date, expected_return_date, reason, created_at, last_changed"
    if pauses:
        insert(database, f"pause_record ({columns})", pauses)


@pytest.fixture
def purged(database, empty):
    """Return a function that has the service say that what was before a day was purged, until the test is over."""
    yield lambda offset: execute(database, f"UPDATE installation SET purged_before = '{day(offset)}T00:00:00Z'")
    execute(database, "UPDATE installation SET purged_before = NULL")


def insert(database, table, rows):
    """Insert rows in one statement; what looks like a day is an instant."""
    values = ", ".join(str(row) for row in rows)
    execute(database, f"INSERT INTO {table} VALUES " + re.sub(r"'(\d{4}-\d\d-\d\d)'", r"'\1T00:00:00Z'", values))


@pytest.fixture
def write(server, empty):
    """Return a function that sends a write and returns its answer; the tables are empty."""

    def send(method, path, body=None):
        response, answer = server.request(method, path, body)
        assert response.status < 300, answer
        return answer

    return send


@pytest.fixture
def read(server):
    """Return a function that reads a path and returns the answer."""
    return lambda path: server.request("GET", path)[1]


@pytest.fixture
def newest(read):
    """Return a function that reads the newest entry of the history of a mentor."""
    return lambda name: read(f"{MENTORS}/{name}/history?limit=1")["data"][0]


@pytest.fixture
def add(write):
    """Return a function that adds mentors, each with a pause for each dict given."""

    def add_mentor(mentor_id, *pauses):
        write("POST", MENTORS, {"mentor_id": mentor_id})
        return [write("POST", RECORDS, {"mentor_id": mentor_id, "reason": "leave"} | pause) for pause in pauses]

    return add_mentor


@pytest.fixture
def upload(write):
    """Return a function that adds rows in one request, or so for each 1,000: the path of a list, columns, cells."""

    def send(path, columns, rows):
        lines = [",".join(cells) for cells in rows]
        for first in range(0, len(lines), 1000):
            write("POST", f"{path}.csv", "\n".join([columns, *lines[first : first + 1000], ""]).encode())

    return send


@pytest.fixture
def window(browser):
    """Return a function that sets the size of the window in CSS pixels."""

    def set_size(width, height=760):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    yield set_size
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture
def board(browser, server, write):
    """Return the board in the browser, not opened yet."""
    return Board(browser, server.base_url)


@pytest.fixture
def closed(browser, closed_server, add):
    """Return the board of a service that asks for tokens, none given yet; mentor ada is paused."""
    add("ada", {"start_date": day(-5)})
    return Board(browser, closed_server.base_url).open(drawn=False)


@pytest.fixture
def late(add):
    """Add ada, ben and cyd, who were expected five days ago; return their pauses."""
    return [add(mentor, LATE)[0] for mentor in ("ada", "ben", "cyd")]


@pytest.fixture
def mentors(add):
    """Add a mentor for each phase of a pause, and fay, who is active."""
    add("ada", LATE | {"reason": "illness"})
    add("ben", {"start_date": day(-3), "expected_return_date": day(4), "reason": "holiday"})
    add("cyd", {"start_date": day(-2), "expected_return_date": day(20), "reason": "illness"})
    add("dan", {"start_date": day(3), "end_date": day(30), "reason": "holiday"})
    add("eve", {"start_date": day(-25), "end_date": day(-21), "reason": "workload"})
    add("fay")
    add("gus", {"start_date": day(-9), "reason": RIGHT_TO_LEFT})


def path_of(record):
    """Return the path of a pause record."""
    return f"{RECORDS}/{record['pause_record_id']}"


def day(offset):
    """Return the day that is so many days after today, as in `2026-05-01`."""
    return str(TODAY + timedelta(offset))


LATE = {"start_date": day(-20), "expected_return_date": day(-5)}  # a pause


def shown(offset_or_day):
    """Return a day as the board writes it in an American browser."""
    text = day(offset_or_day) if isinstance(offset_or_day, int) else offset_or_day
    return written(date.fromisoformat(text), TODAY)


def written(day, today):
    """Return a date as the board writes it: `Fri, May 1`, with the year if it is not near."""
    is_near = abs((day - today).days) <= 180
    return f"{day:%a, %b} {day.day}" + ("" if is_near else f", {day.year}")


@pytest.fixture
def injected(browser):
    """Return a function that has each new page begin with a script."""
    added = []

    def inject(source):
        added.append(browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source}))

    yield inject
    for script in added:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


@pytest.fixture
def unknown_writer(injected):
    """Have the browser not know who writes, so that the first write asks for it."""
    injected("localStorage.removeItem(`name at ${location.pathname}`)")


@pytest.fixture(autouse=True)
def known_writer(request, injected):
    """Have the browser know that Ada writes, unless a test is about how it asks."""
    if "unknown_writer" not in request.fixturenames:
        injected("localStorage[`name at ${location.pathname}`] ??= 'Ada'")


@pytest.fixture
def requests(injected, browser):
    """Return a function that returns what the page has requested since it was called last, once all of it is answered.

    A request is its method, its path, If-Match and its body.
    """
    injected(SEND)
    return lambda: browser.execute_script(TAKE)


@pytest.fixture
def folder(browser, tmp_path):
    """Have the browser put what it downloads into a folder of the test, and return that."""
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    return tmp_path


@pytest.fixture
def without_polls(injected):
    """Have the pages read nothing by themselves, so that they show what a colleague has changed since."""
    injected("""const later = setTimeout;
      window.setTimeout = (act, delay = 0, ...values) => delay < 20_000 && later(act, delay, ...values);""")
