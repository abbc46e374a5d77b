"""LibreOffice Calc, as a person uses it: it opens a table, shows its cells, has some edited, and saves it as CSV."""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from html import escape, unescape
from pathlib import Path
from re import findall

from tests.support.programs import installed

UTF_8, FIRST_LINE, EN_US, DE_DE = 76, 1, 1033, 1031  # as its filter numbers them
LANGUAGES = {",": EN_US, ";": DE_DE}  # of the country that separates so
SAVED_PLAIN = "44,34,76,1,,0,false,true"  # with commas, quotes where needed, each cell as it is shown
SAVED_FOR_EXCEL = "59,34,76,1,,0,true,true,false,false,false,0,true,true"  # semicolons, text in quotes, a mark


@cache
def profile():
    """Return the folder of a user who has never opened it, who is the same for all tests of a run."""
    folder = tempfile.mkdtemp(prefix="libreoffice-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def convert(path, target, *options):
    """Have it open a file and save it as another type; return the path of that."""
    command = [installed("soffice"), "--headless", f"-env:UserInstallation=file://{profile()}", *options]
    command += ["--convert-to", target, "--outdir", str(path.parent), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return path.with_suffix(f".{target.partition(':')[0]}")


@cache
def open_table(table, separator):
    """Open a table, given as bytes, and return the document as XML (OpenDocument).

    As the dialog has it if all is ticked that changes cells: it reads numbers of every kind, also in quotes, as the
    country writes them that separates so.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(table)
        options = f"{ord(separator)},34,{UTF_8},{FIRST_LINE},,{LANGUAGES[separator]},false,true"
        return convert(path, "fods", f"--infilter=CSV:{options}").read_text()


def cells(document):
    """Return the text of each cell that is not empty, as it is shown."""
    sheet = document[document.index("<table:table ") :]
    return [unescape(text) for text in findall("<text:p>(.*?)</text:p>", sheet)]


def edit(document, shown, typed):
    """Type another text into the one cell that shows a text."""
    old, new = (f"<text:p>{escape(text)}</text:p>" for text in (shown, typed))
    assert document.count(old) == 1, shown
    return document.replace(old, new)


def type_date(document, date, typed):
    """Type another date into the one cell that has a date, in whatever form: the cell keeps the form that it has."""
    old, new = (f'office:date-value="{each}"' for each in (date, typed))
    assert document.count(old) == 1, date
    return document.replace(old, new)


@cache
def save_table(document, form):
    """Save a document as CSV, in one of the forms above; return the bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.fods"
        path.write_text(document)
        return convert(path, f"csv:Text - txt - csv (StarCalc):{form}").read_bytes()
