"""The files of the page are loaded once: opened again, it asks for the HTML and for data."""

from tests.support.board import Board


def files_of(requests):
    """Return the names of the files that these requests to the proxy ask for."""
    return [path.rpartition("/")[2] for _method, path, *_ in requests if path.endswith((".js", ".css", ".svg"))]


def test_a_board_that_is_opened_again_asks_for_no_file_also_behind_a_proxy_that_adds_a_path(browser, proxy, write):
    board = Board(browser, proxy.base_url)
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})
    board.open()
    assert {"board.js", "api.js", "board.css"} <= set(files_of(proxy.requests))
    proxy.requests.clear()
    board.open()
    assert files_of(proxy.requests) == []
    assert [path for _method, path, *_ in proxy.requests if "/board?" in path]
