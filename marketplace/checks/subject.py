"""What is checked: a manifest, every text in it with its place, and what surrounds it on the market and in its author's workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agents.documents import Document, Path, Problem, load
from marketplace.checks.finding import Finding, Severity
from marketplace.checks.visible import Plain, line_of, line_starts, plain
from marketplace.manifest.canonical import as_document, digest
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.writing import write_yaml

BLOCKS = ("|", "|-", "|+", ">", ">-", ">+")
SHOWN = 60
Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class KnownName:
    """A listing that people know: what a new one must not be taken for."""

    namespace: str
    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class Ancestor:
    """The version that a manifest says it was made from; `licence` empty where there is no such version."""

    ref: str
    digest: str
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """A published version that says nearly the same; `likeness` from 0 to 1."""

    ref: str
    digest: str
    licence: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Blocked:
    digests: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    publishers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What was read for the rules: known names of other publishers, names that are kept for somebody or forbidden, what the author's
    workspace calls its own, and what is blocked. Empty where nothing is known, as for a manifest that nobody signed."""

    names: tuple[KnownName, ...] = ()
    reserved: frozenset[str] = frozenset()
    prohibited: frozenset[str] = frozenset()
    workspace: str = ""
    documents: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    domains: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    ancestor: Ancestor | None = None
    near: tuple[Near, ...] = ()
    blocked: Blocked = Blocked()


@dataclass(frozen=True)
class Text:
    """One string of the manifest. `is_name` for the name of an entry rather than its value."""

    path: Path
    value: str
    is_name: bool = False

    @property
    def is_prompt(self) -> bool:
        """Whether a model reads it: everything in the spec, and what describes inputs and cases."""
        return self.path[:1] in {("spec",), ("inputs",), ("evaluation",)}

    @cached_property
    def plain(self) -> Plain:
        return plain(self.value)


@dataclass(frozen=True)
class Subject:
    """`source` is the YAML that lines are counted in: what was sent, or else what the manifest would be written as."""

    manifest: Manifest
    around: Surroundings = field(default_factory=Surroundings)
    source: str = ""
    mask: Mask = lambda _secret: ""

    @cached_property
    def yaml(self) -> str:
        return self.source or write_yaml(self.manifest)

    @cached_property
    def document(self) -> dict[str, Any]:
        return as_document(self.manifest)

    @cached_property
    def digest(self) -> str:
        return digest(self.manifest)

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        return tuple(_texts(self.document, ()))

    @cached_property
    def prompts(self) -> tuple[Text, ...]:
        return tuple(text for text in self.texts if text.is_prompt)

    def found(
        self, code: str, severity: Severity, path: Path, message: str, fix: str, *, at: int = 0, evidence: str = ""
    ) -> Finding:
        """A finding at the `at`-th character of the text at `path`."""
        line, column = self._place(path, at)
        return Finding(code, severity, Problem(path, "", "").field, line, message, fix, column, evidence)

    def _place(self, path: Path, at: int) -> tuple[int | None, int | None]:
        place = self._places.locate(path)
        if place is None:
            return None, None
        line, column = place
        value = _value_at(self.document, path)
        if not isinstance(value, str) or not self._lines[line - 1].rstrip().endswith(BLOCKS):
            return line, column
        if path not in self._starts:
            self._starts[path] = line_starts(value)
        starts = self._starts[path]
        down = line_of(starts, at)
        indent = len(self._lines[line]) - len(self._lines[line].lstrip(" ")) if line < len(self._lines) else 0
        return line + 1 + down, indent + 1 + at - starts[down]

    @cached_property
    def _places(self) -> Document:
        return load(self.yaml)

    @cached_property
    def _starts(self) -> dict[Path, list[int]]:
        return {}

    @cached_property
    def _lines(self) -> list[str]:
        return self.yaml.split("\n")


def _texts(value: Any, path: Path) -> Iterator[Text]:
    if isinstance(value, str):
        yield Text(path, value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield Text((*path, name), name, is_name=True)
            yield from _texts(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*path, number))


def _value_at(value: Any, path: Path) -> Any:
    for part in path:
        known = (isinstance(value, dict) and part in value) or (isinstance(value, list) and isinstance(part, int))
        if not known:
            return None
        value = value[part]
    return value


def shown(text: str) -> str:
    """A short piece of a text for a message, with what cannot be seen spelt out."""
    said = "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text[:SHOWN])
    return said + ("…" if len(text) > SHOWN else "")
