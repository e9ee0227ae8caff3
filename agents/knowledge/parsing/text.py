"""Plain text, Markdown and CSV: formats whose bytes are text."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from agents.knowledge.parsing.errors import BadText, Damaged
from agents.knowledge.parsing.sections import Headed, Section, one_line_end, place_by_heading

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes, name: str) -> str:
    """UTF-8 text, with or without a byte order mark, or UTF-16 with one. Raises BadText naming the first wrong byte."""
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadText(_wrong_byte(data, error, name)) from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise BadText(
            f"“{name}” holds a zero byte on line {line}, so it is not text. Export it as UTF-8 text and upload it again."
        )
    return one_line_end(text)


def _wrong_byte(data: bytes, error: UnicodeDecodeError, name: str) -> str:
    line = data.count(b"\n", 0, error.start) + 1
    return (
        f"“{name}” is not UTF-8 text: byte {error.start + 1:,} (0x{data[error.start]:02X}, on line {line:,}) does not belong there. "
        "Save the file as UTF-8 and upload it again."
    )


def read_text(data: bytes, name: str) -> tuple[Section, ...]:
    return (Section(text=decode(data, name), counts="lines"),)


def read_markdown(data: bytes, name: str) -> tuple[Section, ...]:
    """One section per heading; the text keeps its Markdown, so that a quotation can be compared letter by letter."""
    text = decode(data, name)
    lines = text.split("\n")
    parts, level, heading, start = [], 0, "", 0
    for first, end, found, title in _headings(text):
        parts.append(Headed(level, heading, "\n".join(lines[start:first])))
        level, heading, start = found, title, end
    parts.append(Headed(level, heading, "\n".join(lines[start:])))
    return place_by_heading(parts)


def _headings(text: str) -> Iterator[tuple[int, int, int, str]]:
    """First line, line after, level and plain title of every heading."""
    tokens = MarkdownIt("commonmark").parse(text)
    for token, inline in itertools.pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            yield token.map[0], token.map[1], int(token.tag[1]), _plain(inline)


def _plain(inline: Token) -> str:
    spans = (child for child in inline.children or [] if child.type != "html_inline")
    return "".join(" " if span.type == "softbreak" else span.content for span in spans).strip()


def read_csv(data: bytes, name: str) -> tuple[Section, ...]:
    """One line per record, `column: value; …`; rows are numbered as in a spreadsheet, where the header is row 1."""
    text = decode(data, name)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except csv.Error as error:
        raise Damaged(f"“{name}” is not a table that can be read: {error}. Export it again as CSV.") from error
    if len(rows) < 2:
        return (Section(text=text, counts="rows"),)
    lines = [_record(rows[0], record) for record in rows[1:]]
    return (Section(text="\n".join(lines), counts="rows", first=2),)


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t|", key=header.count)


def _record(header: list[str], record: list[str]) -> str:
    names = [*header, *("" for _ in record[len(header) :])]
    cells = ((" ".join(key.split()), " ".join(value.split())) for key, value in zip(names, record, strict=False))
    return "; ".join(f"{key}: {value}" if key else value for key, value in cells if value)
