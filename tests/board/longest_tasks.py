"""Measure the longest task of what a reader does on the page, beside a fixed piece of work in it: `make bench-page`.

The page answers no click during a task. The browser reports no task below 50 ms: then the figure is 0.
"""

import tempfile
from itertools import count
from statistics import median

from tests.support.board import Board
from tests.support.browser import chromium
from tests.support.server import Server

MENTORS, RECORDS = "/api/v1/mentor-statuses", "/api/v1/pause-records"
ALL, PAUSED, NAMED = 10_000, 500, 2000
ROUNDS = 9
LONG_TASKS = """window.longest = 0;
new PerformanceObserver((list) => {
  for (const {duration} of list.getEntries()) longest = Math.max(longest, duration);
}).observe({type: "longtask"});"""
LONGEST = "const duration = longest; longest = 0; return duration"
# Draws and lays out 300 times 20 lines.
WORK = """const start = performance.now();
for (let count = 0; count < 300; count += 1) {
  const box = document.createElement("div");
  for (let line = 0; line < 20; line += 1) box.append(Object.assign(document.createElement("p"), {textContent: line}));
  document.body.append(box);
  box.getBoundingClientRect();
  box.remove();
}
return performance.now() - start;"""


def fill(server):
    """Add so many mentors, of whom every twentieth is paused."""
    names = [f"mentor-{number:05}" for number in range(ALL)]
    for first in range(0, ALL, 1000):
        send(server, "POST", f"{MENTORS}.csv", "\n".join(["mentor_id", *names[first : first + 1000]]).encode())
    rows = [f"{name},2025-03-{number % 28 + 1:02},reason {number % 7}" for number, name in enumerate(names[::20])]
    send(server, "POST", f"{RECORDS}.csv", "\n".join(["mentor_id,start_date,reason", *rows]).encode())


def send(server, method, path, body):
    response, answer = server.request(method, path, body)
    assert response.status == 200, answer


class Acts:
    """What is measured, each as a pair: what to do before, and then the act until the page shows what it brings."""

    def __init__(self, board, server):
        self.board, self.server, self.attempts = board, server, count(1)

    def all(self):
        """Return the acts by name."""
        paused, nobody = "show=current", "q=nobody"
        return {
            f"open the page with {PAUSED} rows": (lambda: None, lambda: self.board.open(paused)),
            "poll, of which 3 rows have changed": (self.change, self.poll),
            f"sort {PAUSED} rows": (lambda: self.see("view=pauses&show=current"), self.sort),
            f"choose {PAUSED} rows": (lambda: self.see(paused), self.choose_all),
            f"search {ALL:,} ids": (lambda: self.see(nobody), lambda: self.search("r0")),
            f"search {NAMED:,} names": (lambda: self.see(nobody), lambda: self.search("obrien")),
        }

    def see(self, state):
        self.board.go(state)

    def wait_rows(self, number):
        self.board.wait(lambda: len(self.board.rows()) == number)

    def change(self):
        self.see("show=current")
        self.reason = f"{next(self.attempts)} times"
        for number in range(3):
            send(self.server, "PUT", f"{MENTORS}/mentor-{number * 20:05}", {"pause_reason": self.reason})

    def poll(self):
        self.board.poll()
        self.board.wait(lambda: sum(row[2] == self.reason for row in self.board.rows()) == 3)

    def sort(self):
        self.see(f"view=pauses&show=current&sort={'-' * (next(self.attempts) % 2)}mentor_id")
        self.wait_rows(PAUSED)

    def choose_all(self):
        self.wait_rows(PAUSED)
        self.board.tick_all()
        self.board.wait(lambda: self.board.text("#tray strong") == f"{PAUSED} mentors chosen")
        self.board.press("Untick all")

    def search(self, text):
        self.board.type("Search for a mentor", text, "searchbox")
        self.wait_rows(1000)


def measure(driver, board, prepare, act):
    """Return the longest task of an act and the time of the work, each the median of ROUNDS, measured in turns."""
    tasks, work = [], []
    for _ in range(ROUNDS):
        prepare()
        driver.execute_script(LONGEST)
        act()
        tasks.append(driver.execute_script(LONGEST))
        work.append(driver.execute_script(WORK))
    return median(tasks), median(work)


def main():
    print("| longest task of the page | ms | the work, ms | of the work |\n|---|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder, Server(f"sqlite:///{folder}/page.db") as server:
        fill(server)
        with chromium() as driver:
            driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LONG_TASKS})
            board = Board(driver, server.base_url).open()
            names = [[f"mentor-{number:05}", f"Siobhán O'Brien {number}"] for number in range(NAMED)]
            for name, (prepare, act) in Acts(board, server).all().items():
                board.run("read/names.js", "addNames", names)
                task, work = measure(driver, board, prepare, act)
                print(f"| {name} | {task:.0f} | {work:.0f} | {task / work:.2f} |", flush=True)


if __name__ == "__main__":
    main()
