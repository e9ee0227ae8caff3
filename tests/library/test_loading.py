"""How agents are found, what is refused, and what is read again."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from agents.library.frame import loading
from agents.library.frame.base import BaseAgent, Input
from agents.library.frame.layers import LLMAgent
from agents.library.frame.loading import Found, Library, shelf_of

SOURCE = '''
from agents.library.frame.layers import LLMAgent

class Greeter(LLMAgent):
    """Greets."""
    name = "greeter"
    version = "{version}"
    title = "Greeter"
    role = "a greeter"
    goal = "Greet."
    backstory = ""
'''


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A folder of agents with one in it."""
    folder = tmp_path / "our_shelf"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "greeter.py").write_text(SOURCE.format(version="1.0.0"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield importlib.import_module("our_shelf")
    for name in [name for name in sys.modules if name.startswith("our_shelf")]:
        del sys.modules[name]


def write(shelf: ModuleType, name: str, source: str) -> None:
    path = Path(shelf.__path__[0], name)
    path.write_text(source)
    later = path.stat().st_mtime + 10
    os.utime(path, (later, later))


def test_found_by_being_there(shelf: ModuleType) -> None:
    library = Library(package=shelf)
    assert [each.name for each in library.catalogue()] == ["greeter"]
    assert library.shelf().problems == ()


def test_read_again_while_developing(shelf: ModuleType) -> None:
    watching, resting = Library(package=shelf, watch=True), Library(package=shelf)
    assert [watching.catalogue()[0].version, resting.catalogue()[0].version] == ["1.0.0", "1.0.0"]
    first = watching.get("greeter")
    assert watching.get("greeter") is first
    write(shelf, "greeter.py", SOURCE.format(version="1.1.0"))
    assert watching.catalogue()[0].version == "1.1.0"
    assert resting.catalogue()[0].version == "1.0.0"


def test_a_file_that_is_broken_takes_no_other_with_it(shelf: ModuleType) -> None:
    write(shelf, "broken.py", "raise RuntimeError('no')")
    found = Library(package=shelf).shelf()
    assert list(found.agents) == ["greeter"]
    assert [(each.source, each.detail) for each in found.problems] == [
        ("broken.py", "It cannot be imported: RuntimeError: no")
    ]


def made(**more: Any) -> type[BaseAgent]:
    declared = {
        "name": "greeter", "version": "1.0.0", "title": "Greeter", "role": "a greeter", "goal": "Greet.", "backstory": "",
        "__doc__": "Greets.",
    }  # fmt: skip
    kept = {name: value for name, value in {**declared, **more}.items() if value is not None}
    return type("Made", (LLMAgent,), kept)


@pytest.mark.parametrize(
    ("agent", "detail"),
    [
        (made(name=None, goal=None), "It does not declare name, goal."),
        (made(name="No Name"), "“No Name” is no name: small letters, digits and hyphens, 2 to 40."),
        (made(version="1.0"), "“1.0” is no version such as 1.0.0."),
        (made(__doc__=""), "It has no docstring; the catalogue shows it."),
        (made(permissions=("everything",)), "“everything” is no permission such as knowledge:read."),
        (made(goal="Greet {whom}."), "Its inputs and the placeholders of its texts differ: whom."),
        (made(inputs=(Input("whom", ""),)), "Its inputs and the placeholders of its texts differ: whom."),
    ],
)
def test_refused(agent: type[BaseAgent], detail: str) -> None:
    found = shelf_of([Found(agent, "made.py")])
    assert found.agents == {}
    assert [each.detail for each in found.problems] == [detail]


def test_a_class_that_does_no_work() -> None:
    lazy = type("Lazy", (BaseAgent,), dict(vars(made())))
    assert shelf_of([Found(lazy, "lazy.py")]).problems[0].detail == "It does not say how it does its work: process."


def test_the_first_of_a_name_stays() -> None:
    first, second = made(), made(version="2.0.0")
    found = shelf_of([Found(first, "ours.py"), Found(second, "theirs: x:Y")])
    assert found.agents["greeter"].agent is first
    assert found.problems[0].detail == "ours.py has an agent called greeter already."


def test_announced_by_a_package(shelf: ModuleType) -> None:
    points = [
        EntryPoint("greeter", "our_shelf.greeter:Greeter", loading.GROUP),
        EntryPoint("lost", "our_shelf.nowhere:Lost", loading.GROUP),
        EntryPoint("text", "os:sep", loading.GROUP),
    ]
    found = shelf_of(loading._announced(points))
    assert list(found.agents) == ["greeter"]
    assert [each.detail for each in found.problems] == [
        "It cannot be loaded: ModuleNotFoundError: No module named 'our_shelf.nowhere'",
        "It is no class that extends BaseAgent.",
    ]
