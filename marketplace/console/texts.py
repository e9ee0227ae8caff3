"""Every string of a manifest with the path to it, so that a moderator misses none of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from marketplace.console.visible import count_hidden

# What a language model reads comes first.
ORDER = ("spec", "inputs", "evaluation", "metadata", "permissions", "requires", "disclosure")
TITLES = {
    "spec": "What the model reads",
    "inputs": "What it asks people for",
    "evaluation": "What it is tried with",
    "metadata": "What people read",
    "permissions": "Why it asks for permissions",
    "requires": "What it needs",
    "disclosure": "What it discloses",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A string and where it stands; `hidden` counts the places that nobody would see."""

    path: str
    text: str
    hidden: int


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    said: tuple[Said, ...]


def chapters(document: dict[str, Any]) -> list[Chapter]:
    """All strings of a manifest's document, those with hidden characters first within a chapter."""
    said = [(path, text) for path, text in strings(document) if text]
    parts = sorted(said, key=lambda each: _rank(each[0]))
    return [
        Chapter(TITLES.get(part, "Everything else"), tuple(_read(group)))
        for part, group in groupby(parts, key=lambda each: _part(each[0]))
    ]


def strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Depth first; a name that is not plain ASCII is itself shown as a string."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, child in value.items():
            if not str(name).isascii():
                yield f"{path}.(name)".lstrip("."), str(name)
            yield from strings(child, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from strings(child, f"{path}[{number}]")


def _read(group: Iterator[tuple[str, str]]) -> list[Said]:
    found = [Said(path, text, count_hidden(text)) for path, text in group]
    return sorted(found, key=lambda said: said.hidden == 0)


def _part(path: str) -> str:
    first = path.partition(".")[0].partition("[")[0]
    return first if first in TITLES else ""


def _rank(path: str) -> int:
    part = _part(path)
    return ORDER.index(part) if part else len(ORDER)
