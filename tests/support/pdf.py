"""Read the text of a PDF that Chromium has printed."""

import re
import zlib

OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\s(.*?)\sendobj", re.S)
FONT = re.compile(rb"/(F\d+) (\d+) 0 R")
SET = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>")  # a font is chosen, or glyphs are set


def read_pages(pdf):
    """Return the text of each page, in the order in which it was drawn, without its blanks: not all of them are set."""
    objects = dict(OBJECT.findall(pdf))
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\b", body)]
    return [read_page(page, objects) for page in pages]


def read_page(page, objects):
    fonts = {name: letters_of(objects[number], objects) for name, number in FONT.findall(page)}
    content = stream_of(objects[re.search(rb"/Contents (\d+) 0 R", page)[1]])
    words, letters = [], {}
    for font, glyphs in SET.findall(content):
        if font:
            letters = fonts[font]
        else:
            words.append("".join(letters.get(glyphs[at : at + 4].upper(), "") for at in range(0, len(glyphs), 4)))
    return "".join("".join(words).split())


def letters_of(font, objects):
    """Return what each glyph of a font stands for, by its number in hexadecimal digits."""
    letters = {}
    table = stream_of(objects[re.search(rb"/ToUnicode (\d+) 0 R", font)[1]])
    for first, last, letter in re.findall(rb"<(\w{4})> (?:<(\w{4})> )?<(\w+)>\n", table):
        for offset in range(int(last or first, 16) - int(first, 16) + 1):
            codes = bytes.fromhex(letter.decode())
            letters[b"%04X" % (int(first, 16) + offset)] = chr(int.from_bytes(codes[-2:]) + offset)
    return letters


def stream_of(body):
    return zlib.decompress(re.search(rb"stream\r?\n(.*)\nendstream", body, re.S)[1])
