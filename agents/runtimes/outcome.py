"""What goes in and out of a run: tools and hooks in; events, steps and the result out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

from agents.llm.types import OnText, Reply, Request, ToolSpec, Usage

EventKind = Literal[
    "agent.finished",
    "agent.started",
    "guardrail.failed",
    "guardrail.passed",
    "model.failed",
    "model.finished",
    "model.started",
    "model.text",
    "task.failed",
    "task.finished",
    "task.limited",
    "task.started",
    "tool.failed",
    "tool.finished",
    "tool.started",
]


class RunStopped(Exception):
    """Raised by a hook to end the run at the next boundary; `reason` is one word such as `cancelled`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CrewFailed(Exception):
    """The crew could not do its work; `detail` is a sentence for a person."""

    def __init__(self, detail: str, *, task: str = "", code: str = "crew_failed") -> None:
        super().__init__(detail)
        self.detail = detail
        self.task = task
        self.code = code


@dataclass(frozen=True, slots=True)
class RuntimeEvent:
    """One line of the story, in order. `data` holds only fields chosen per kind: no prompts, no secrets.

    `call` joins the started and the finished line of one model or tool call.
    """

    kind: EventKind
    task: str
    agent: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepOutput:
    """What a task produced: its text, and its JSON where the task has an output schema.

    `limited` is true when the agent was cut off at max_iter and had to answer at once.
    """

    text: str
    data: dict[str, Any] | None = None
    limited: bool = False


@dataclass(frozen=True, slots=True)
class StepResult:
    """A finished task: who did it, what came out, what it took."""

    task: str
    agent: str
    output: StepOutput
    usage: Usage
    cost: Decimal
    model_calls: int
    tool_calls: int
    tool_failures: int


@dataclass(frozen=True, slots=True)
class CrewResult:
    """The end of a run. `steps` holds the tasks done in this call, not those taken over from an earlier one.

    `limited` names the tasks that were cut off at max_iter, in this call or an earlier one. `stop_reason` is `completed`,
    `iteration_limit` (done, but some task was cut off), or the reason of RunStopped.
    """

    output: str
    output_json: dict[str, Any] | None
    steps: tuple[StepResult, ...]
    usage: Usage
    cost: Decimal
    stop_reason: str
    limited: tuple[str, ...]


class Complete(Protocol):
    """The gateway as a runtime sees it. Raises LLMError."""

    def __call__(self, request: Request, *, on_text: OnText | None = None) -> Reply: ...


class Hooks(Protocol):
    """The host's side. `event` and `step_done` are never called by two threads at once; `check` may be."""

    def check(self) -> None:
        """Called before and after every step, model call and tool call; may raise RunStopped."""
        ...

    def event(self, event: RuntimeEvent, /) -> None: ...

    def step_done(self, step: StepResult, /) -> None:
        """Called right after a task, before the next one starts, so that the host can keep its output."""
        ...


class ToolFailed(Exception):
    """An expected failure of a tool; its sentence is shown to the model and to the person."""


@dataclass(frozen=True, slots=True)
class User:
    """Who uses a tool: the agent, and the task that it works on."""

    agent: str
    task: str


@dataclass(frozen=True, slots=True)
class ToolImpl:
    """A tool that agents may use. `run` gets arguments that fit `spec.parameters`, and who asks; it returns text."""

    spec: ToolSpec
    run: Callable[[Mapping[str, Any], User], str]
