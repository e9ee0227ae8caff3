"""Sentences with values in braces."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_BRACED = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
Show = Callable[[str, Any], str]


class Wording:
    """A text in which {names} stand for values; a name that means nothing stays as it is written."""

    def __init__(self, text: str, show: Show) -> None:
        self.text = text
        self._show = show

    def one(self, values: Mapping[str, Any]) -> str:
        """The sentence with these values."""
        return _BRACED.sub(lambda found: self._value(found, values), self.text)

    def _value(self, found: re.Match[str], values: Mapping[str, Any]) -> str:
        try:
            return self._show(found[1], values[found[1]])
        except KeyError:
            return found[0]


def plain(_: str, value: Any) -> str:
    """A number without what does not matter, anything else as it is."""
    return f"{value:,.6g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def in_unit(units: Mapping[str, str]) -> Show:
    """Metrics as people read them: a share in per cent, a count whole."""

    def show(name: str, value: Any) -> str:
        unit = units.get(name)
        if unit == "share":
            return f"{value:.1%}"
        if unit == "count":
            return f"{value:,.0f}"
        return f"{value:,.2f}" if unit == "money" else plain(name, value)

    return show
