"""Finding agent classes: in this folder, and in packages that announce them under the entry point group `guildhall.agents`.

    [project.entry-points."guildhall.agents"]
    translator = "our_agents.translator:Translator"

A class that is not fit to be used is left out and its problem is told; one bad file takes no other with it.
"""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from agents import library
from agents.library.frame.base import BaseAgent
from agents.runtimes.spec import placeholders

log = logging.getLogger("guildhall.library")
GROUP = "guildhall.agents"
_NAME = re.compile(r"[a-z][a-z0-9\-]{1,39}")
_SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.\-]+)?")
_PERMISSION = re.compile(r"[a-z]+:[a-z]+")
TEXTS = ("title", "role", "goal", "backstory")


@dataclass(frozen=True, slots=True)
class Found:
    """An agent class and where it came from."""

    agent: type[BaseAgent]
    source: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something that was found is not offered."""

    source: str
    detail: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The agents of this installation, by name, and what could not be used."""

    agents: Mapping[str, Found] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """What the catalogue says of an agent. `output` is a JSON Schema, or None for text."""

    name: str
    version: str
    title: str
    summary: str
    description: str
    role: str
    goal: str
    capabilities: tuple[str, ...]
    inputs: tuple[dict[str, str], ...]
    output: dict[str, Any] | None
    tools: tuple[str, ...]
    permissions: tuple[str, ...]
    offline: str
    source: str


class Library:
    """Reads the shelf once; with `watch` again whenever a file of the folder has changed, as while developing.

    It looks at the files `every` so many seconds at most.
    """

    def __init__(self, *, watch: bool = False, every: float = 0.0, package: ModuleType = library) -> None:
        self._watch, self._every, self._package = watch, every, package
        self._looks_at = 0.0
        self._shelf: Shelf | None = None
        self._seen: dict[str, float] = {}

    def shelf(self) -> Shelf:
        if self._shelf is not None and (not self._watch or time.monotonic() < self._looks_at):
            return self._shelf
        self._looks_at = time.monotonic() + self._every
        changed = self._changed()
        if self._shelf is None or changed:
            changed = changed if self._shelf is not None else set()
            self._shelf = shelf_of([*_in_folder(self._package, changed), *_announced(entry_points(group=GROUP))])
        return self._shelf

    def get(self, name: str) -> type[BaseAgent] | None:
        found = self.shelf().agents.get(name)
        return found.agent if found else None

    def catalogue(self) -> list[Listed]:
        """By title."""
        return sorted((listed(found) for found in self.shelf().agents.values()), key=lambda each: each.title)

    def _changed(self) -> set[str]:
        now = {name: path.stat().st_mtime for name, path in _files(self._package)}
        changed = {name for name in now.keys() | self._seen.keys() if now.get(name) != self._seen.get(name)}
        self._seen = now
        return changed


def shelf_of(found: Iterable[Found | Problem]) -> Shelf:
    agents: dict[str, Found] = {}
    problems: list[Problem] = []
    for each in found:
        detail = each.detail if isinstance(each, Problem) else _problem_of(each, agents)
        if detail or isinstance(each, Problem):
            log.warning("The agent class in %s is not offered: %s", each.source, detail)
            problems.append(Problem(each.source, detail))
        else:
            agents[each.agent.name] = each
    return Shelf(agents, tuple(problems))


def listed(found: Found) -> Listed:
    agent = found.agent
    description = inspect.getdoc(agent) or ""
    return Listed(
        name=agent.name,
        version=agent.version,
        title=agent.title,
        summary=description.partition("\n")[0],
        description=description,
        role=agent.role,
        goal=agent.goal,
        capabilities=agent.capabilities,
        inputs=tuple({"name": each.name, "description": each.description} for each in agent.inputs),
        output=agent.output.model_json_schema() if agent.output else None,
        tools=agent.tools,
        permissions=agent.permissions,
        offline=agent.offline,
        source=found.source,
    )


def _problem_of(found: Found, taken: Mapping[str, Found]) -> str:
    """What keeps the class from being used; empty when nothing does."""
    agent = found.agent
    missing = [name for name in ("name", "version", *TEXTS) if not isinstance(getattr(agent, name, None), str)]
    if missing:
        return f"It does not declare {', '.join(missing)}."
    if inspect.isabstract(agent):
        return f"It does not say how it does its work: {', '.join(sorted(agent.__abstractmethods__))}."
    if not _NAME.fullmatch(agent.name):
        return f"“{agent.name}” is no name: small letters, digits and hyphens, 2 to 40."
    if agent.name in taken:
        return f"{taken[agent.name].source} has an agent called {agent.name} already."
    return _bad_declaration(agent)


def _bad_declaration(agent: type[BaseAgent]) -> str:
    if not _SEMVER.fullmatch(agent.version):
        return f"“{agent.version}” is no version such as 1.0.0."
    if not (agent.__doc__ or "").strip():
        return "It has no docstring; the catalogue shows it."
    if bad := [each for each in agent.permissions if not _PERMISSION.fullmatch(each)]:
        return f"“{bad[0]}” is no permission such as knowledge:read."
    used = {name for text in (agent.role, agent.goal, agent.backstory) for name in placeholders(text)}
    if used != (declared := {each.name for each in agent.inputs}):
        return f"Its inputs and the placeholders of its texts differ: {', '.join(sorted(used ^ declared))}."
    return ""


def _files(package: ModuleType) -> Iterator[tuple[str, Path]]:
    for info in pkgutil.iter_modules(package.__path__):
        if not info.ispkg:
            yield f"{package.__name__}.{info.name}", Path(package.__path__[0], f"{info.name}.py")


def _in_folder(package: ModuleType, changed: set[str]) -> Iterator[Found | Problem]:
    for name, path in _files(package):
        try:
            module = _imported(name, again=name in changed)
        except Exception as error:  # noqa: BLE001 - whatever a file does when it is imported, the others stay
            yield Problem(path.name, f"It cannot be imported: {type(error).__name__}: {error}")
            continue
        yield from (Found(agent, path.name) for agent in _agents_in(module))


def _imported(name: str, *, again: bool) -> ModuleType:
    if again and name in sys.modules:
        importlib.invalidate_caches()
        return importlib.reload(sys.modules[name])
    return importlib.import_module(name)


def _agents_in(module: ModuleType) -> Iterator[type[BaseAgent]]:
    for _, member in inspect.getmembers(module, inspect.isclass):
        if issubclass(member, BaseAgent) and member.__module__ == module.__name__:
            yield member


def _announced(points: Iterable[EntryPoint]) -> Iterator[Found | Problem]:
    for point in points:
        source = f"{point.dist.name if point.dist else 'a package'}: {point.value}"
        try:
            agent = point.load()
        except Exception as error:  # noqa: BLE001 - a stranger's package may fail in any way
            yield Problem(source, f"It cannot be loaded: {type(error).__name__}: {error}")
            continue
        if isinstance(agent, type) and issubclass(agent, BaseAgent):
            yield Found(agent, source)
        else:
            yield Problem(source, "It is no class that extends BaseAgent.")
