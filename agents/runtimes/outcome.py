"""What goes in and out of a run: tools and hooks in; events, steps and the result out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

from agents.llm.types import OnText, Reply, Request, ToolSpec, Usage

EventKind = Literal[
    "guardrail.failed",
    "guardrail.passed",
    "model.failed",
    "model.finished",
    "model.started",
    "model.text",
    "question.answered",
    "question.asked",
    "router.decided",
    "task.failed",
    "task.finished",
    "task.limited",
    "task.note",
    "task.skipped",
    "task.started",
    "task.waiting",
    "tool.failed",
    "tool.finished",
    "tool.refused",
    "tool.started",
]
AskKind = Literal["review", "approval", "input"]
Action = Literal["approve", "edit", "feedback", "reject", "value"]
WAITING = "waiting"


class RunStopped(Exception):
    """Raised by a hook to end the run at the next boundary; `reason` is one word such as `cancelled`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Suspended(RunStopped):
    """Raised by `Hooks.ask` when nobody has answered yet: the run lets go of its worker and starts this task anew later."""

    def __init__(self) -> None:
        super().__init__(WAITING)


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

    `call` joins the started and the finished line of one model or tool call; it is unique per task and agent.
    """

    kind: EventKind
    task: str
    agent: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallId:
    """Which model call of a run: the same in every attempt at the run, so that a recorded answer finds its call."""

    task: str
    agent: str
    number: int

    @property
    def key(self) -> str:
        return f"{self.task}/{self.agent}/m{self.number}"


@dataclass(frozen=True, slots=True)
class User:
    """Who uses a tool, for which task, and the how manyeth use by this agent in this task it is.

    `outside` names the tool that brought what others wrote into the task, empty while there is none or it does not matter.
    """

    agent: str
    task: str
    number: int = 0
    outside: str = ""

    @property
    def key(self) -> str:
        return f"{self.task}/{self.agent}/t{self.number}"


Bars = Callable[[User], str]
"""Why this agent may not hand work to others, as a sentence; empty where it may."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to a person. `draft` is what a review judges; `details` holds what the kind needs.

    review: `{"data": …}`, the answer as JSON or None · approval: `{"tool", "arguments"}`, and `"outside"` where
    it is asked for because of what that tool brought in · input: `{"inputs": [{"name", "description", "default"}]}`.
    """

    kind: AskKind
    task: str
    agent: str
    number: int
    text: str
    draft: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.task}/{self.agent}/q{self.number}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person said. `text` is the edited answer, the feedback or the value; `data` the JSON beside it.

    review: approve · edit (`text`, or `data` where the task has a schema) · feedback · reject.
    approval: approve · edit (`data` = other arguments) · feedback or reject (`text` tells the model why not).
    input: value (`data` = name → text; `text` alone serves where one value is asked for) · reject.
    """

    action: Action
    text: str = ""
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StepOutput:
    """What a task produced: its text, and its JSON where the task has an output schema.

    `limited`: the agent was cut off at max_iter and had to answer at once. `edited`: a person rewrote the answer.
    `refused` names the tools whose use a person refused, `notes` what else a reader should know, in sentences.
    `outside` names the tool through which something came in that others wrote, and on which this may rest.
    """

    text: str
    data: dict[str, Any] | None = None
    limited: bool = False
    edited: bool = False
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    outside: str = ""


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

    `limited` names the tasks cut off at max_iter, `failed` those that failed and may, `skipped` those whose condition did not hold,
    in this call or an earlier one. `stop_reason` is `completed`, or what keeps it from being that, the gravest first: the reason of
    RunStopped · `partial` (a task failed and the crew went on) · `round_limit` (the router did not finish) · `iteration_limit` ·
    `tool_refused`.
    """

    output: str
    output_json: dict[str, Any] | None
    steps: tuple[StepResult, ...]
    usage: Usage
    cost: Decimal
    stop_reason: str
    limited: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


class Complete(Protocol):
    """The gateway as a runtime sees it; `on_text` is called on the loop. Raises LLMError."""

    async def __call__(self, request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply: ...


class Hooks(Protocol):
    """The host's side, called on the run's event loop only."""

    def check(self) -> None:
        """Cheap; called before and after every step, model call and tool call; may raise RunStopped."""
        ...

    def event(self, event: RuntimeEvent, /) -> None:
        """Must not block."""
        ...

    async def step_done(self, step: StepResult, /) -> None:
        """Awaited right after a task, before the next one starts, so that the host can keep its output."""
        ...

    async def ask(self, question: Ask, /) -> Answer:
        """Raises Suspended while there is no answer; the same question comes again, under the same key, when the run goes on."""
        ...


class ToolFailed(Exception):
    """An expected failure of a tool; its sentence is shown to the model and to the person."""


@dataclass(frozen=True, slots=True)
class ToolImpl:
    """A tool that agents may use. `run` gets arguments that fit `spec.parameters`, and who asks; it returns text."""

    spec: ToolSpec
    run: Callable[[Mapping[str, Any], User], Awaitable[str]]
