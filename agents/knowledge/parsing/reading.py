"""Reads one file in this process. Callers outside tests use `parse_safely`."""

from __future__ import annotations

from collections.abc import Callable

from agents.knowledge.parsing import kinds
from agents.knowledge.parsing.errors import NoText, TooLarge
from agents.knowledge.parsing.pdf import read_pdf
from agents.knowledge.parsing.sections import MAX_TEXT, Parsed, Section
from agents.knowledge.parsing.text import read_csv, read_markdown, read_text
from agents.knowledge.parsing.web import read_html
from agents.knowledge.parsing.word import read_docx

_READERS: dict[kinds.Kind, Callable[[bytes, str], tuple[Section, ...]]] = {
    kinds.DOCX: read_docx,
    kinds.MARKDOWN: read_markdown,
    kinds.HTML: read_html,
    kinds.CSV: read_csv,
    kinds.TEXT: read_text,
}


def parse(data: bytes, name: str) -> Parsed:
    """The sections of the file `name`. Raises a ParseError."""
    if len(data) > kinds.MAX_BYTES:
        raise TooLarge(f"“{name}” has {len(data) / 1024**2:,.1f} MB; {kinds.MAX_BYTES // 1024**2} MB are allowed.")
    kind = kinds.kind_of(name, data[: kinds.HEAD_BYTES])
    if kind is kinds.PDF:
        sections, pages = read_pdf(data, name)
        return Parsed(kind.media_type, sections, pages)
    sections = _READERS[kind](data, name)
    if not any(section.text.strip() for section in sections):
        raise NoText(f"“{name}” holds no text that a reader would see.")
    if sum(len(section.text) for section in sections) > MAX_TEXT:
        raise TooLarge(f"“{name}” holds more than {MAX_TEXT:,} characters of text. Split it and upload the parts.")
    return Parsed(kind.media_type, sections)
