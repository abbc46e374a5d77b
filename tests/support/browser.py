"""A headless Chromium, driven by selenium."""

from contextlib import contextmanager

from selenium import webdriver
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.support.programs import installed
from tests.support.waiting import PATIENCE

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,2000",
)
PAGE = "return [location.href, document.querySelector('dialog[open]')?.id, document.body.innerText]"


@contextmanager
def chromium():
    """Start a browser with a new empty profile and yield its driver; end both."""
    options = webdriver.ChromeOptions()
    options.binary_location = installed("chromium", "chromedriver")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in FLAGS:
        options.add_argument(flag)
    # With the path of the driver selenium looks for none, neither here nor on the internet.
    driver = webdriver.Chrome(options, Service(installed("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def wait_for(driver, condition):
    """Return what `condition(driver)` returns as soon as that is true; after PATIENCE, say what the page shows.

    A page may draw an element anew between finding and using it: what selenium raises then is tried again.
    """
    raised = []

    def attempt(_):
        try:
            return condition(driver)
        except WebDriverException as error:
            raised[:] = [f"{type(error).__name__}: {error.msg}"]
            return False

    try:
        return WebDriverWait(driver, PATIENCE, 0.05).until(attempt)
    except TimeoutException:
        page = driver.execute_script(PAGE)
        raise AssertionError(f"not so within {PATIENCE} s; raised last: {raised}; the page: {page}") from None


def click(driver, selector):
    """Click the first element that a CSS selector finds, as soon as it is there."""
    wait_for(driver, lambda _: find(driver, selector).click() is None)


def type_into(driver, selector, value):
    """Type a value into the first field that a CSS selector finds, until the field holds it."""

    def typed(_):
        field = find(driver, selector)
        field.clear()
        field.send_keys(value)
        return field.get_attribute("value") == value

    wait_for(driver, typed)


def find(driver, selector):
    """Return the first element that a CSS selector finds; raises selenium's NoSuchElementException."""
    return driver.find_element(By.CSS_SELECTOR, selector)
