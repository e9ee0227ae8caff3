"""Characters that cannot be stored or that nobody can see, wherever they stand in a document."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from agents.documents.plain import MAX_DEPTH
from agents.documents.problems import Path, Problem

LAYOUT = {"\n", "\t", "\r"}


def unwritable(text: str) -> str:
    """The first character that cannot be stored or that nobody can see: a control, or half of a pair. Empty where there is none."""
    if text.isascii() and text.isprintable():
        return ""
    return next((each for each in text if unicodedata.category(each) in {"Cc", "Cs"} and each not in LAYOUT), "")


def unreadable(value: Any, path: Path = ()) -> Iterator[Problem]:
    """Such characters in all texts and names; and nesting that is read in no other way."""
    if len(path) > MAX_DEPTH:
        yield Problem(path[:1], "too_deep", f"Nested more than {MAX_DEPTH} levels deep.")
    elif isinstance(value, str) and (bad := unwritable(value)):
        yield Problem(path, "character", f"The character U+{ord(bad):04X} is not allowed.")
    elif isinstance(value, dict):
        for name, inner in value.items():
            if bad := unwritable(str(name)):
                yield Problem(path, "character", f"The character U+{ord(bad):04X} is not allowed in a name.")
            else:
                yield from unreadable(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from unreadable(inner, (*path, number))
