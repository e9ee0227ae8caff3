"""What a parser returns: text in the order of reading, and where each part of it stands."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

BEGINNING = "Beginning"  # the place of what stands before the first heading
MAX_TEXT = 25_000_000  # characters of one document

_LIGATURES = str.maketrans({
    "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
    "\N{SOFT HYPHEN}": None, "\x00": None, "\ufeff": None,
})  # fmt: skip
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of text with one place: a page, or what follows a heading.

    Where places are counted along the text, `counts` names the unit and `first` is the number of the first line of `text`;
    `locator` is empty then. `heading` is the path of headings, "Costs › Investment", for search.
    """

    text: str
    locator: str = ""
    heading: str = ""
    counts: Literal["", "lines", "rows"] = ""
    first: int = 1


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document that was read. `pages` only where the format has pages."""

    media_type: str
    sections: tuple[Section, ...]
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Headed:
    """A heading of level 1–6 (0: none yet) and the text below it, before places are named."""

    level: int
    heading: str
    text: str


def clean(text: str) -> str:
    """Text as extracted from a PDF, Word or HTML file, without what a database or a reader of quotes trips over."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", one_line_end(text).translate(_LIGATURES))


def one_line_end(text: str) -> str:
    """The same text with every line ending as a newline."""
    return _LINE_ENDS.sub("\n", text)


def place_by_heading(parts: list[Headed]) -> tuple[Section, ...]:
    """Sections named `§ <heading>`; a heading that occurs twice is named with its parent, then numbered."""
    paths = _paths(parts)
    names = [_short(path[-1]) if path else BEGINNING for path in paths]
    twice = {name for name, count in Counter(names).items() if count > 1}
    names = [
        _short(" › ".join(path[-2:])) if name in twice and path else name
        for name, path in zip(names, paths, strict=True)
    ]
    return tuple(
        Section(text=part.text, locator=f"§ {name}", heading=" › ".join(path))
        for part, path, name in zip(parts, paths, _numbered(names), strict=True)
        if part.text.strip()
    )


def _paths(parts: list[Headed]) -> list[tuple[str, ...]]:
    open_: list[tuple[int, str]] = []
    paths = []
    for part in parts:
        if part.level:
            open_ = [(level, heading) for level, heading in open_ if level < part.level]
            open_.append((part.level, part.heading))
        paths.append(tuple(heading for _, heading in open_))
    return paths


def _numbered(names: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return numbered


def _short(heading: str) -> str:
    """A heading as it can stand inside the square brackets of a citation."""
    flat = " ".join(heading.replace("[", "(").replace("]", ")").split())
    return (flat[:119] + "…" if len(flat) > 120 else flat) or "Untitled"
