"""Values out of one entry of a file, each checked for its type; what does not fit is written down with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from agents.crewfiles.document import Entry, entries, items
from agents.crewfiles.fields import HARMLESS, LEFT_OUT, REFUSED, WITHOUT_EFFECT
from agents.crewfiles.problems import FileName, FileProblem, Notice, Place
from agents.crewfiles.tools import match

NUMBER_LIMIT = 1e9
TRUE, FALSE = {"true", "yes", "on"}, {"false", "no", "off"}


@dataclass(slots=True)
class Findings:
    """Everything said about both files. `places` maps the paths of agents.runtimes.checks to the files."""

    problems: list[FileProblem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)

    def problem(self, place: Place, code: str, detail: str) -> None:
        self.problems.append(FileProblem(place, code, detail))

    def notice(self, place: Place, detail: str) -> None:
        self.notices.append(Notice(place, detail))

    def place(self, path: str, default: Place) -> Place:
        """The place of a path, or of the nearest part of it that stands in a file."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places.get(path, default)


class Reader:
    """The fields of one agent or task."""

    def __init__(self, path: str, entry: Entry, known: frozenset[str], findings: Findings) -> None:
        self.path, self.file, self.findings = path, entry.place.file, findings
        self.name = entry.key
        findings.places[path] = entry.place
        self._fields = {found.key: found for found in _flat(entry, self.file, findings)}
        for found in self._fields.values():
            findings.places[f"{path}.{found.key}"] = found.value_place
            self._judge(found, known)

    def has(self, key: str) -> bool:
        return key in self._fields

    def place(self, key: str) -> Place:
        return self.findings.places[f"{self.path}.{key}"]

    def raw(self, key: str) -> Any:
        return self._fields[key].value if key in self._fields else None

    def text(self, key: str) -> str:
        value = self.raw(key)
        if value is None:
            return ""
        if isinstance(value, (dict, list, bool)):
            return str(self._misfit(key, "text", ""))
        return str(value)

    def flag(self, key: str) -> bool:
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        word = str(value).lower()
        if word in TRUE | FALSE:
            return word in TRUE
        return bool(self._misfit(key, "true or false", default=False))

    def number(self, key: str, default: float) -> float:
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < NUMBER_LIMIT:
            return float(self._misfit(key, "a number", default))
        return float(value)

    def whole(self, key: str, default: int) -> int:
        value = self.number(key, default)
        return int(value) if value == int(value) else int(self._misfit(key, "a whole number", default))

    def names(self, key: str) -> list[tuple[str, Place]]:
        """A list of names; a single name counts as a list of one."""
        value = self.raw(key)
        if value is None:
            return []
        if isinstance(value, str):
            return [(str(value), self.place(key))]
        if not isinstance(value, CommentedSeq) or not all(isinstance(item, str) for item in value):
            self._misfit(key, "a list of names", [])
            return []
        return [(str(item), place) for item, place in items(value, self.file)]

    def tools(self, known: Collection[str]) -> tuple[str, ...]:
        found: list[str] = []
        for asked, place in self.names("tools"):
            tool = match(asked, known)
            if not tool.name:
                self.findings.problem(place, "unknown_tool", tool.reason)
            elif tool.reason:
                self.findings.notice(place, tool.reason)
            found += [tool.name] if tool.name and tool.name not in found else []
        return tuple(found)

    def _misfit(self, key: str, wanted: str, default: Any) -> Any:
        self.findings.problem(self.place(key), "wrong_type", f"“{key}” must be {wanted}.")
        return default

    def _judge(self, entry: Entry, known: frozenset[str]) -> None:
        if entry.key in known or entry.key in WITHOUT_EFFECT:
            return
        if entry.key in REFUSED and entry.value not in HARMLESS:
            self.findings.problem(entry.place, "refused_field", f"“{entry.key}”: {REFUSED[entry.key]}")
        elif entry.key in LEFT_OUT and entry.value not in HARMLESS:
            self.findings.notice(entry.place, f"“{entry.key}” is left out: {LEFT_OUT[entry.key]}.")
        elif entry.key not in LEFT_OUT and entry.key not in REFUSED:
            self.findings.problem(entry.place, "unknown_field", _unknown(entry.key, known))


def _flat(entry: Entry, file: FileName, findings: Findings) -> Iterator[Entry]:
    """The fields, with those under `config:` lifted up; CrewAI lets them win."""
    if not isinstance(entry.value, CommentedMap):
        findings.problem(entry.value_place, "not_a_mapping", f"“{entry.key}” must have settings, one per line.")
        return
    for found in entries(entry.value, file):
        if found.key == "config" and isinstance(found.value, CommentedMap):
            continue
        yield found
    config = entry.value.get("config")
    if isinstance(config, CommentedMap):
        yield from entries(config, file)


def _unknown(key: str, known: frozenset[str]) -> str:
    close = get_close_matches(key, sorted(known), n=1)
    return f"“{key}” is not a field that CrewAI knows." + (f" Did you mean “{close[0]}”?" if close else " Remove it.")
