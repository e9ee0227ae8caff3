"""What a crew is, as data: frozen, free of live objects, and the same after a trip through JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FORMAT = "crew/1"
PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_\-]*)\}")

Process = Literal["sequential", "hierarchical", "parallel", "adaptive"]
OnFailure = Literal["stop", "continue"]


class SpecInvalid(ValueError):
    """A snapshot that is not a crew; `path` says where, the message says what."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}" if path else detail)
        self.path = path
        self.detail = detail


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


class InputSpec(_Frozen):
    """A value that whoever starts the crew gives; it fills `{name}` in the texts."""

    name: str
    description: str = ""
    default: str | None = None


class LimitsSpec(_Frozen):
    """Bounds of a run or of a task: seconds of wall clock, model calls, tokens, US dollars. Zero means none of its own."""

    seconds: int = Field(default=0, ge=0, le=86_400)
    model_calls: int = Field(default=0, ge=0, le=10_000)
    tokens: int = Field(default=0, ge=0, le=100_000_000)
    usd: float = Field(default=0.0, ge=0, le=1_000)


class ChecksSpec(_Frozen):
    """What an answer must be, looked at without a model; zero, false and empty ask for nothing.

    `must_cite`: at least one citation such as `[study.pdf, p. 2]`. `must_match`: a regular expression found in some line.
    """

    min_words: int = Field(default=0, ge=0, le=100_000)
    max_words: int = Field(default=0, ge=0, le=100_000)
    must_cite: bool = False
    must_match: str = ""


class WaitingSpec(_Frozen):
    """How long a question of the task waits for a person, and what happens then. Zero seconds mean the operator's setting.

    fail: the run fails · approve: as if somebody had approved · default: `default` is the answer.
    """

    seconds: int = Field(default=0, ge=0, le=7_776_000)
    at_deadline: Literal["fail", "approve", "default"] = "fail"
    default: str = ""


class AgentSpec(_Frozen):
    """One worker. `llm` empty means the workspace's default model; `max_seconds` bounds its work on one task
    and `max_tokens` each of its answers, 0 for no bound. `library` names the class that does its work instead of CrewAI's loop.
    """

    name: str
    role: str
    goal: str
    backstory: str = ""
    llm: str = ""
    temperature: float = Field(default=0.0, ge=0, le=2)
    max_tokens: int = Field(default=0, ge=0, le=1_000_000)
    tools: tuple[str, ...] = ()
    max_iter: int = 25
    max_seconds: int = Field(default=0, ge=0, le=86_400)
    allow_delegation: bool = False
    library: str = ""

    def texts(self) -> Iterator[tuple[str, str]]:
        yield from (("role", self.role), ("goal", self.goal), ("backstory", self.backstory))


class TaskSpec(_Frozen):
    """One piece of work. `context` None means every earlier output; an empty tuple means none.

    `output_schema` is a JSON Schema object that the answer must fit; `output_name` is what the author called it,
    `output_kind` the CrewAI field (output_json, output_pydantic) that it came from.
    `llm`, `temperature` and `max_tokens` go before those of the agent that answers for the task; `limits` bound this task alone.
    The task runs only if `condition` holds (agents.runtimes.conditions); with `on_failure` “continue” the crew goes on without it.
    A person is asked for `ask_input` before it starts, before each use of `ask_before_tools`, and (`human_input`) about the answer;
    `waiting` bounds how long. `sees_pictures`: it is shown the pictures of the run (CrewSpec.seers).
    """

    name: str
    description: str
    expected_output: str
    agent: str = ""
    context: tuple[str, ...] | None = None
    condition: str = ""
    tools: tuple[str, ...] = ()
    ask_before_tools: tuple[str, ...] = ()
    ask_input: tuple[InputSpec, ...] = ()
    async_execution: bool = False
    on_failure: OnFailure = "stop"
    markdown: bool = False
    human_input: bool = False
    sees_pictures: bool = False
    waiting: WaitingSpec = WaitingSpec()
    guardrail: str = ""
    guardrail_max_retries: int = 3
    checks: ChecksSpec = ChecksSpec()
    output_schema: dict[str, Any] | None = None
    output_name: str = ""
    output_kind: Literal["json", "pydantic"] = "json"
    llm: str = ""
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int = Field(default=0, ge=0, le=1_000_000)
    limits: LimitsSpec = LimitsSpec()

    def texts(self) -> Iterator[tuple[str, str]]:
        yield from (
            ("description", self.description),
            ("expected_output", self.expected_output),
            ("guardrail", self.guardrail),
        )


class CrewSpec(_Frozen):
    """Agents and tasks in the order in which they are written.

    sequential: in that order · hierarchical: the same, but a manager (`manager`, or one made for it) gives out the work ·
    parallel: at once, at most `max_parallel` at a time, each when the tasks that it names are done, the last one over all outputs ·
    adaptive: a router says after each task which one is next, at most `max_rounds` times. `manager_llm` is the model of the manager or router.
    Once a task has read what others wrote, a person allows each use of a tool that sends something out, unless `trust_outside_content`.
    """

    name: str
    agents: tuple[AgentSpec, ...]
    tasks: tuple[TaskSpec, ...]
    inputs: tuple[InputSpec, ...] = ()
    process: Process = "sequential"
    manager: str = ""
    manager_llm: str = ""
    max_parallel: int = Field(default=8, ge=1, le=50)
    max_rounds: int = Field(default=10, ge=1, le=100)
    limits: LimitsSpec = LimitsSpec()
    trust_outside_content: bool = False

    def agent(self, name: str) -> AgentSpec:
        return next(agent for agent in self.agents if agent.name == name)

    def task(self, name: str) -> TaskSpec:
        return next(task for task in self.tasks if task.name == name)

    @property
    def seers(self) -> frozenset[str]:
        """The tasks that see what a run is shown: those that say so, or the first one where none does."""
        named = frozenset(task.name for task in self.tasks if task.sees_pictures)
        return named or frozenset(task.name for task in self.tasks[:1])

    def to_snapshot(self) -> dict[str, Any]:
        return {"format": FORMAT, **self.model_dump(mode="json")}

    @classmethod
    def from_snapshot(cls, snapshot: Mapping[str, Any]) -> Self:
        """Raises SpecInvalid for an unknown format, an unknown field or a wrong type."""
        if snapshot.get("format") != FORMAT:
            raise SpecInvalid("format", f"This is not a crew of format {FORMAT}.")
        try:
            return cls.model_validate({key: value for key, value in snapshot.items() if key != "format"})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise SpecInvalid(".".join(map(str, first["loc"])), first["msg"]) from error

    def values(self, inputs: Mapping[str, str]) -> dict[str, str]:
        """What the placeholders stand for: the inputs, over the defaults of those that are not given."""
        return {given.name: given.default for given in self.inputs if given.default is not None} | dict(inputs)


Part = TypeVar("Part", AgentSpec, TaskSpec)


def placeholders(text: str) -> list[str]:
    """Names in braces, in order of first use. Braces around anything else (JSON, CSS) are left alone."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def filled(part: Part, values: Mapping[str, str]) -> Part:
    """The part with its placeholders filled, each once."""
    return part.model_copy(update={field: _fill(text, values) for field, text in part.texts()})


def _fill(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), text)
