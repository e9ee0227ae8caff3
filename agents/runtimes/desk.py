"""The door for agents that are classes: what such a class is given, what it gives back, and the desk that a run lends it.

Whatever it asks of a model or a tool goes through the desk, and so is recorded, counted and stopped like any other call of the run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agents.llm.types import Message, Reply, ToolSpec


@dataclass(frozen=True, slots=True)
class Work:
    """One task, as a class gets it. `context` is what earlier tasks came to, `feedback` what was wrong with an earlier answer.

    `inputs` are the run's, by name. `schema` is the task's own output schema, where it has one.
    """

    task: str
    expected: str = ""
    context: str = ""
    feedback: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    schema: Mapping[str, Any] | None = None
    role: str = ""
    goal: str = ""
    backstory: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What an agent made of its work. `data` fits the class's output model, where it has one; `notes` are sentences for the reader."""

    text: str
    data: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()


class Desk(Protocol):
    """Raises whatever ends the task or the run (a stop, a budget, a model that does not answer); an agent lets that pass."""

    @property
    def tools(self) -> Mapping[str, ToolSpec]:
        """What may be used, by name."""
        ...

    async def ask(
        self, messages: Sequence[Message], *, tools: Sequence[ToolSpec] = (), schema: Mapping[str, Any] | None = None
    ) -> Reply:
        """One model call; one that fails ends the task."""
        ...

    async def use(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """Use a tool. Raises ToolFailed with a sentence."""
        ...


class CannotDo(Exception):
    """This agent cannot do this work; `detail` is a sentence for a person."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


AgentExecutor = Callable[[Work, Desk], Awaitable[Made]]
"""Does one task. Raises CannotDo in words for a person."""
