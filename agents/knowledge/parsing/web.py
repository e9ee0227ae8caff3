"""HTML pages: visible text only, by headings. Nothing is loaded, nothing is run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from agents.knowledge.parsing.sections import Headed, Section, clean, place_by_heading
from agents.knowledge.parsing.text import decode

_SKIPPED = {"script", "style", "template", "noscript", "head", "svg", "math", "iframe", "object", "select", "textarea"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "header", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
}  # fmt: skip
_HEADING = re.compile(r"h([1-6])")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read_html(data: bytes, name: str) -> tuple[Section, ...]:
    reader = _Reader()
    reader.feed(decode(data, name))
    reader.close()
    return place_by_heading(reader.finish())


class _Reader(HTMLParser):
    """Collects headed text. `_skip` holds the element being skipped and how often it is open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[Headed] = []
        self._words: list[str] = []
        self._level = 0
        self._heading = ""
        self._in_heading = 0
        self._skip = ""
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skip:
            self._depth += tag == self._skip
        elif tag in _VOID:
            self._words.append("\n" if tag in {"br", "hr"} else " ")
        elif tag in _SKIPPED or _is_hidden(dict(attrs)):
            self._skip, self._depth = tag, 1
        elif found := _HEADING.fullmatch(tag):
            self._close_part()
            self._in_heading = int(found[1])
        else:
            self._separate(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._skip:
            self._depth -= tag == self._skip
            self._skip = self._skip if self._depth else ""
        elif self._in_heading and _HEADING.fullmatch(tag):
            self._level, self._heading = self._in_heading, " ".join("".join(self._words).split())
            self._words, self._in_heading = [], 0
        elif tag in _BLOCKS:
            self._words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self._words.append(data if self._in_heading else re.sub(r"\s+", " ", data))

    def _separate(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._words.append(" | ")
        elif tag in _BLOCKS:
            self._words.append("\n\n" if tag == "p" else "\n")

    def _close_part(self) -> None:
        self._parts.append(Headed(self._level, self._heading, _tidy("".join(self._words))))
        self._words = []

    def finish(self) -> list[Headed]:
        self._close_part()
        return self._parts


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()).removeprefix("| ") for line in clean(text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
