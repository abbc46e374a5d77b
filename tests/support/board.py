"""The board as a person meets it: what has which role and name, and what stands where."""

import re
from itertools import count

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.support.browser import find, wait_for

NUMBERS = count()
GO = """history.pushState(null, "", arguments[0]);
dispatchEvent(new Event("hashchange"));"""
MARK = """function () {
  document.querySelectorAll("[data-wanted]").forEach((each) => each.removeAttribute("data-wanted"));
  this.setAttribute("data-wanted", "");
}"""


def untimed(text):
    """Return a text with noon in the place of each time of day."""
    return re.sub(r"\d\d:\d\d UTC", "12:00 UTC", text)


COUNT_UNREAD = """const [done] = arguments;
const {src} = document.querySelector("script[type=module]");
import(new URL("read/model.js", src)).then(({model}) => done(model.pending.size + model.stale.size));"""
SCROLL = """const [control, done] = arguments;
control.scrollIntoView({block: "center"});
requestAnimationFrame(() => requestAnimationFrame(done)); // rows that are seen for the first time are laid out"""
CENTRE = """const {left, top, width, height} = arguments[0].getBoundingClientRect();
return [left + width / 2, top + height / 2];"""
COUNTED = """return Object.fromEntries([...document.querySelectorAll("#counts a")].map((each) =>
  [each.className, Number(each.querySelector("data").value)]))"""
SECTIONS = """return [...document.querySelectorAll("main tbody")].map((body) => [body.querySelector("h2").textContent,
  ...[...body.querySelectorAll("[data-key]")].map((row) => row.querySelector(".mentor").textContent.trim())])"""


class Board:
    """The board in a browser; controls are found by their role and accessible name, as Chromium computes them."""

    def __init__(self, driver, base_url):
        self.driver, self.base_url = driver, base_url

    def open(self, state="", drawn=True):
        """Open the board anew with a state, as in `show=overdue`, and wait until it has drawn what it read."""
        # With another query each time: a browser loads nothing anew for another hash alone.
        self.driver.get(f"{self.base_url}/board?{next(NUMBERS)}#{state}")
        if drawn:
            self.wait(lambda: self.face() == "empty" or (self.face() == "ready" and self.wait_read() is None))
        return self

    def go(self, state):
        """Go to another state in the page that is open, as a link does, and wait until it has drawn what it read."""
        self.driver.execute_script(GO, f"#{state}")
        self.wait_read()

    def see(self, state):
        """Go to a state, and wait until all that it shows was read, also in the panel."""
        self.go(state)
        self.wait(lambda: not any("Loading…" in text for text in self.texts("main, #panel")))

    def wait_read(self):
        """Wait until the page shows what it was asked for."""
        self.wait(lambda: self.text("#waiting").startswith("As of "))

    def wait_written(self):
        """Wait until what this page has written was read again: what somebody else writes then comes later."""
        self.wait(lambda: self.driver.execute_async_script(COUNT_UNREAD) == 0)

    def wait(self, condition):
        """Return what `condition()` returns as soon as that is true; an AssertionError counts as not yet."""

        def holds(_):
            try:
                return condition()
            except AssertionError:
                return False

        return wait_for(self.driver, holds)

    def run(self, module, function, *arguments):
        """Return what a function of a module of the board (`csv.js`) returns; what it raises is a ValueError."""
        script = """const [module, name, values, done] = arguments;
          const {src} = document.querySelector("script[type=module]");
          import(new URL(module, src)).then((found) => done({value: found[name](...values)}))
            .catch(({message}) => done({message}))"""
        answer = self.driver.execute_async_script(script, module, function, arguments)
        if "message" in answer:
            raise ValueError(answer["message"])
        return answer["value"]

    def face(self):
        return self.driver.execute_script("return document.body.dataset.face")

    def trouble(self):
        return self.text("#trouble")

    def nodes(self, role, name):
        """Return what the accessibility tree has of a role and a name; None for a name is any."""
        root = self.cdp("DOM.getDocument", depth=0)["root"]["nodeId"]
        named = {"accessibleName": name} if name is not None else {}
        nodes = self.cdp("Accessibility.queryAXTree", nodeId=root, role=role, **named)["nodes"]
        found = [node for node in nodes if not node["ignored"]]
        if not found:  # Chromium may go on with a tree from before the page was drawn: the next question gets a new one
            self.cdp("Accessibility.enable")
            self.cdp("Accessibility.disable")
        return found

    def cdp(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def has(self, role, name):
        return bool(self.nodes(role, name))

    def get(self, role, name):
        """Return the element of a role and a name, as soon as it is there."""
        node = self.wait(lambda: self.nodes(role, name))[0]
        handle = self.cdp("DOM.resolveNode", backendNodeId=node["backendDOMNodeId"])["object"]["objectId"]
        self.cdp("Runtime.callFunctionOn", objectId=handle, functionDeclaration=MARK)
        return find(self.driver, "[data-wanted]")

    def press(self, name, role="button"):
        """Press a button, or a link, as soon as it is there and takes a click."""

        def pressed(_):
            control = self.get(role, name)
            return control.get_attribute("aria-disabled") != "true" and control.click() is None

        wait_for(self.driver, pressed)

    def click_thrice(self, control):
        """Click on one place three times, as one triple click that is slow enough for an answer after each click."""
        self.driver.execute_async_script(SCROLL, control)
        x, y = self.driver.execute_script(CENTRE, control)
        for clicks in (1, 2, 3):
            for event in ("mousePressed", "mouseReleased"):
                self.cdp("Input.dispatchMouseEvent", type=event, x=x, y=y, button="left", clickCount=clicks)
            self.wait(lambda: self.texts(".refusal") or not self.texts("[aria-disabled=true]"))

    def follow(self, name):
        self.press(name, "link")

    def type(self, name, text, role="textbox"):
        """Type a text into the field of this name, in the place of what it had."""
        field = self.get(role, name)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)

    def date(self, name, day):
        """Type a date (`2026-05-01`) into the field of this name, as an American browser has it; empty: clear it."""
        field = self.get("Date", name)
        if not day:
            field.send_keys(*[Keys.BACKSPACE, Keys.ARROW_RIGHT] * 3)
            return
        year, month, number = day.split("-")
        field.send_keys(f"{month}{number}{year}")

    def enter(self, token):
        """Give the token that the board asks for."""
        self.wait(lambda: self.has("dialog", "This service asks for a token"))
        find(self.driver, "input[name=token]").send_keys(token)  # a password has no role
        self.press("Continue")

    def choose(self, name, option):
        field = self.get("combobox", name)
        next(each for each in field.find_elements(By.TAG_NAME, "option") if each.text == option).click()

    def text(self, selector):
        """Return the visible text of the first element that a CSS selector finds."""
        return self.driver.execute_script("return document.querySelector(arguments[0]).innerText.trim()", selector)

    def texts(self, selector):
        """Return the visible text of each element that a CSS selector finds, read at once."""
        script = "return [...document.querySelectorAll(arguments[0])].map((each) => each.innerText.trim())"
        return self.driver.execute_script(script, selector)

    def window(self):
        """Return what the picture says that it shows, with plain spaces for the thin ones of a range."""
        return self.text("#window").replace("\N{THIN SPACE}", " ")

    def rows(self):
        """Return the rows that are shown, each as the text of its cells, without the actions."""
        script = """return [...document.querySelectorAll("tbody [data-key]")].map((row) =>
          [...row.cells].filter((cell) => !cell.matches(".actions, .below")).map((cell) =>
            cell.textContent.trim().replace(/\\s+/g, " ")))"""
        return self.driver.execute_script(script)

    def row(self, mentor):
        """Return the row of a mentor, the first one."""
        return self.wait(lambda: find(self.driver, f"tbody [data-key^='{mentor} ']"))

    def in_row(self, mentor, label):
        """Return the control of a mentor's row with this text, or this label, as soon as it is there."""

        def find_control():
            for control in self.row(mentor).find_elements(By.CSS_SELECTOR, "button, a"):
                words, first_line = " ".join(control.text.split()), control.text.partition("\n")[0]
                if label in (words, first_line):
                    return control
            return None

        return self.wait(find_control)

    def press_in_row(self, mentor, label):
        """Press a control of a mentor's row by its text, as soon as it takes a click."""

        def pressed(_):
            control = self.in_row(mentor, label)
            return control.get_attribute("aria-disabled") != "true" and control.click() is None

        wait_for(self.driver, pressed)

    def outcome(self, mentor):
        """Return what a mentor's row says of what was done to it; nothing, if it says nothing."""
        script = """const row = document.querySelector(`tbody [data-key^="${arguments[0]} "]`);
          return (row?.querySelector(".said, .refusal p")?.innerText ?? "").trim()"""
        return untimed(self.driver.execute_script(script, mentor))

    def wait_outcome(self, mentor, text):
        """Wait until a mentor's row says this, all times of day taken for noon."""
        self.wait(lambda: text in self.outcome(mentor))

    def names(self):
        """Return whom the rows are about: their first cells."""
        return [row[0] for row in self.rows()]

    def shows(self, *names):
        """Wait until the rows are about these, in this order."""
        self.wait(lambda: self.names() == list(names))

    def sections(self):
        """Return the sections of the table, each as its heading and whom its rows are about."""
        return self.driver.execute_script(SECTIONS)

    def counted(self):
        """Return what the counts at the top say, by their classes."""
        return self.driver.execute_script(COUNTED)

    def wait_texts(self, selector, *texts):
        """Wait until what a CSS selector finds has these texts, all times of day taken for noon."""
        self.wait(lambda: [untimed(" ".join(text.split())) for text in self.texts(selector)] == list(texts))

    def fill_form(self, fields):
        """Fill in the open form: the date of `From` and `Back on`, the text of `Reason` and `Note`."""
        for name, value in fields.items():
            if name in ("From", "Back on"):
                self.date(f"{name}, another date", value)
            else:
                self.type(name, value)

    def tick(self, *mentors):
        for mentor in mentors:
            self.press(f"Choose {mentor}", "checkbox")

    def tick_all(self):
        """Tick all rows below the first heading."""
        self.wait(lambda: find(self.driver, "main .section input").click() is None)

    def press_in_tray(self, label):
        """Press the button of the tray whose text begins so."""

        def pressed():
            buttons = self.driver.find_elements(By.CSS_SELECTOR, "#tray .bar button")
            found = [each for each in buttons if each.text.startswith(label)]
            return found and found[0].click() is None

        self.wait(pressed)

    def is_panel_open(self):
        return self.driver.execute_script("return document.querySelector('#panel').open")

    def value(self, name):
        """Return what a field of the open form holds."""
        return find(self.driver, f"form.write [name={name}]").get_property("value")

    def file(self, path):
        """Return the bytes of a file that the browser downloads, as soon as it is there, whole."""
        self.wait(lambda: path.exists() and not list(path.parent.glob("*.crdownload")))
        return path.read_bytes()

    def check_table(self, path):
        """Choose a table in the open panel of tables, which checks it."""
        self.wait(lambda: find(self.driver, "#upload [type=file]").send_keys(str(path)) is None)

    def mentors(self):
        """Return the ids of the picture's rows."""
        script = "return [...document.querySelectorAll('.mentor bdi')].map((each) => each.textContent)"
        return self.driver.execute_script(script)

    def poll(self):
        """Come back to the tab, which polls at once."""
        self.driver.execute_script("document.dispatchEvent(new Event('visibilitychange'))")
