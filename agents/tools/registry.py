"""What a tool is: how a model is told of it, what a person is told, what it may touch, and how much of it there is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agents.llm.types import ToolSpec
from agents.runtimes.outcome import User

if TYPE_CHECKING:
    from agents.tools.context import ToolContext

Effect = Literal["none", "read", "write"]
Run = Callable[[Mapping[str, Any], User], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Limits:
    """`calls` in one run, `seconds` of one call, `characters` of one answer."""

    calls: int = 100
    seconds: float = 30.0
    characters: int = 20_000


@dataclass(frozen=True, slots=True)
class Tool:
    """`effect`: whether using it touches nothing, reads something, or changes something that stays changed.

    `idempotent` says that a change made twice is made once, so that a use which a dead worker left begun may be repeated.
    `operation` names the argument that says what is done, for permissions that allow only some of it.
    `make` gives the function for one run; it gets arguments that fit `spec.parameters` and raises ToolFailed with a sentence.
    """

    title: str
    summary: str
    permissions: tuple[str, ...]
    spec: ToolSpec
    make: Callable[[ToolContext], Run]
    effect: Effect = "none"
    idempotent: bool = False
    limits: Limits = Limits()
    operation: str = ""


def arguments_of(required: list[str], **properties: Any) -> dict[str, Any]:
    """The schema of a tool's arguments: an object with these properties and no others."""
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
