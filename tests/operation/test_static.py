"""The files of the board: short lines, text that is only ever set as text, and a library as npm has it."""

import re
from hashlib import sha256
from pathlib import Path

from routes.site import BOARD_FILES, digest_of_files, make_file

FOLDER = Path(__file__).parent.parent.parent
STATIC = FOLDER / "static"
LIT_HTML = STATIC / "board" / "lit-html"
OWN = sorted(path for path in (STATIC / "board").rglob("*.*") if LIT_HTML not in path.parents)
TEXTS = sorted([*STATIC.glob("*.html"), *(path for path in OWN if path.suffix != ".png")])


def found(pattern, paths):
    """Return what a pattern finds in files, each with the name of its file."""
    return [(path.name, text) for path in paths for text in re.findall(pattern, path.read_text(), re.MULTILINE)]


def test_every_file_of_the_board_is_served_and_no_other():
    own = {path.relative_to(STATIC / "board").as_posix() for path in OWN}
    library = {f"lit-html/{path.relative_to(LIT_HTML).as_posix()}" for path in LIT_HTML.rglob("*.js")}
    assert own | library == BOARD_FILES.keys()


def test_the_digest_in_the_paths_of_the_files_changes_with_each_name_and_each_byte():
    sets = [{}, {"a": b""}, {"a": b"b"}, {"a": b"c"}, {"ab": b""}, {"a": b"", "b": b""}, {"a": b"b", "b": b""}]
    digests = [
        digest_of_files({name: make_file("x.js", content) for name, content in files.items()})
        for files in [*sets, *sets]
    ]
    assert digests[: len(sets)] == digests[len(sets) :]
    assert len(set(digests)) == len(sets)


def test_lit_html_is_as_npm_has_it():
    version = re.search("^LIT_HTML := (.*)$", (FOLDER / "Makefile").read_text(), re.MULTILINE)[1]
    assert f'litHtmlVersions??=[]).push("{version}")' in (LIT_HTML / "lit-html.js").read_text()
    files = [path for path in LIT_HTML.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    sums = [f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(LIT_HTML).as_posix()}" for path in files]
    assert sorted(sums) == sorted((LIT_HTML / "SHA256SUMS").read_text().splitlines())


def test_no_file_names_another_host_has_long_lines_or_puts_text_where_markup_would_be_read():
    scripts = [path for path in OWN if path.suffix == ".js"]
    as_markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|://|\sstyle="
    assert found(as_markup, scripts) == []
    assert found(r"://|<style|\sstyle=|\son\w+=", [STATIC / "board.html"]) == []
    assert found("^.{121,}", TEXTS) == []
