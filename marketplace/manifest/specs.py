"""The `spec` section of each kind: what is copied into a workspace on installation.

Agents, tasks and crews have every field of `agents.runtimes.spec`, with the same meanings, so that a crew loses nothing on its way
through a manifest. Where a default differs from the runtime's, it is the older one of this format.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from agents.runtimes.checks import AGENT_LIMIT, ITERATION_LIMIT, RETRY_LIMIT, ROLE_LIMIT, TASK_LIMIT
from marketplace.manifest.text import InputName, Key, Line, Loose, Model, Name, Part, Sentence, Text, ToolName
from simulations.engine.spec import AbmSpec

Scalar = int | float | bool | str
Parameters = Annotated[dict[Key, Scalar], Field(max_length=40)]
Process = Literal["sequential", "hierarchical", "parallel", "adaptive"]
Tools = Annotated[tuple[ToolName, ...], Field(max_length=TASK_LIMIT)]
Temperature = Annotated[float, Field(ge=0, le=2)]
AnswerTokens = Annotated[int, Field(ge=0, le=1_000_000)]
Seconds = Annotated[int, Field(ge=0, le=86_400)]


class AgentSpec(Part):
    """One agent. `max_iter` bounds its steps on one task, `max_seconds` its time; `library` names the class that does its work.

    `llm` empty is the model that the workspace has chosen.
    """

    name: Name
    role: Annotated[Text, Field(max_length=ROLE_LIMIT)]
    goal: Text
    backstory: Loose = ""
    llm: Model = ""
    temperature: Temperature = 0.0
    max_tokens: AnswerTokens = 0
    tools: Tools = ()
    max_iter: Annotated[int, Field(ge=1, le=ITERATION_LIMIT)] = 12
    max_seconds: Seconds = 0
    allow_delegation: bool = False
    library: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,39})?$")] = ""


class AskedInput(Part):
    """A value that a person gives while the crew works; `default` null: there is none."""

    name: InputName
    description: Annotated[Loose, Field(max_length=1_000)] = ""
    default: Loose | None = None


class Waiting(Part):
    """How long a question of a task waits for a person, and what happens then; zero seconds: the operator's setting."""

    seconds: Annotated[int, Field(ge=0, le=7_776_000)] = 0
    at_deadline: Literal["fail", "approve", "default"] = "fail"
    default: Loose = ""


class Checks(Part):
    """What an answer must be, looked at without a model; zero, false and empty ask for nothing."""

    min_words: Annotated[int, Field(ge=0, le=100_000)] = 0
    max_words: Annotated[int, Field(ge=0, le=100_000)] = 0
    must_cite: bool = False
    must_match: Annotated[Loose, Field(max_length=500)] = ""


class TaskLimits(Part):
    """Bounds of one task alone: seconds of wall clock, model calls, tokens, US dollars; zero for none."""

    seconds: Seconds = 0
    model_calls: Annotated[int, Field(ge=0, le=10_000)] = 0
    tokens: Annotated[int, Field(ge=0, le=100_000_000)] = 0
    usd: Annotated[float, Field(ge=0, le=1_000)] = 0.0


class TaskSpec(Part):
    """One task. `context` names earlier tasks whose results it is given, null for all of them; `agent` may be empty where a
    manager or a router gives out the work. `output_name` and `output_kind` are what CrewAI called the schema and its field."""

    name: Name
    description: Text
    expected_output: Text
    agent: Annotated[str, Field(max_length=100)] = ""
    context: Annotated[tuple[Name, ...], Field(max_length=TASK_LIMIT)] | None = ()
    condition: Annotated[Loose, Field(max_length=1_000)] = ""
    tools: Tools = ()
    ask_before_tools: Tools = ()
    ask_input: Annotated[tuple[AskedInput, ...], Field(max_length=10)] = ()
    async_execution: bool = False
    on_failure: Literal["stop", "continue"] = "stop"
    markdown: bool = False
    human_input: bool = False
    sees_pictures: bool = False
    waiting: Waiting = Waiting()
    guardrail: Loose | None = None
    guardrail_max_retries: Annotated[int, Field(ge=0, le=RETRY_LIMIT)] = 3
    checks: Checks = Checks()
    output_schema: dict[str, Any] | None = None
    output_name: Annotated[Loose, Field(max_length=100)] = ""
    output_kind: Literal["json", "pydantic"] = "json"
    llm: Model = ""
    temperature: Temperature | None = None
    max_tokens: AnswerTokens = 0
    limits: TaskLimits = TaskLimits()


class CrewSpec(Part):
    """`manager` is the agent that hands out the work of a hierarchical crew; `manager_llm` the model of a manager or router."""

    process: Process
    manager: Name | None = None
    manager_llm: Model = ""
    max_parallel: Annotated[int, Field(ge=1, le=50)] = 8
    max_rounds: Annotated[int, Field(ge=1, le=100)] = 10
    agents: Annotated[tuple[AgentSpec, ...], Field(min_length=1, max_length=AGENT_LIMIT)]
    tasks: Annotated[tuple[TaskSpec, ...], Field(min_length=1, max_length=TASK_LIMIT)]


class ToolSpec(Part):
    """A tool that Guildhall already has, with settings; a package brings no code."""

    tool: ToolName
    settings: Parameters = Field(default_factory=dict)


class Preset(Part):
    """A named set of parameters to start from."""

    name: Key
    title: Line
    description: Annotated[Loose, Field(max_length=400)] = ""
    parameters: Parameters


class Expectation(Part):
    """A published result: the mean of `metric` over `seeds` runs under `parameters` lies in `between`."""

    parameters: Parameters
    seeds: Annotated[int, Field(ge=1, le=20)]
    steps: Annotated[int, Field(ge=1, le=100_000)]
    metric: Key
    between: tuple[float, float]
    source: Sentence


class LibraryScenario(Part):
    """A scenario of the built-in library, by its key there, and how to play it; `seed` null: another one for each play."""

    scenario: Key
    parameters: Parameters
    steps: Annotated[int, Field(ge=1, le=100_000)]
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = 1
    policy: Literal["rule", "llm", "hybrid"] = "rule"
    presets: Annotated[tuple[Preset, ...], Field(max_length=12)] = ()
    expect: Annotated[tuple[Expectation, ...], Field(max_length=12)] = ()


ScenarioSpec = LibraryScenario | AbmSpec
"""A scenario as a whole (`family: abm`), or one of the built-in library by its key: the older form, which stays readable."""


def _form(spec: Any) -> str:
    by_key = "scenario" in spec if isinstance(spec, dict) else isinstance(spec, LibraryScenario)
    return "library" if by_key else "abm"


AnyScenario = Annotated[
    Annotated[LibraryScenario, Tag("library")] | Annotated[AbmSpec, Tag("abm")], Discriminator(_form)
]
Spec = AgentSpec | CrewSpec | ToolSpec | ScenarioSpec
