"""The `spec` section of each kind: what is copied into a workspace on installation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from marketplace.manifest.text import Key, Line, Part, Prose, Sentence

Scalar = int | float | bool | str
Parameters = Annotated[dict[Key, Scalar], Field(max_length=40)]
Process = Literal["sequential", "hierarchical"]


class AgentSpec(Part):
    """One agent. `max_iter` bounds its steps on one task."""

    name: Key
    role: Line
    goal: Sentence
    backstory: Annotated[Prose, Field(max_length=4_000)]
    tools: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    max_iter: Annotated[int, Field(ge=1, le=25)] = 12
    allow_delegation: bool = False


class TaskSpec(Part):
    """One task. `context` names earlier tasks whose results it is given."""

    name: Key
    description: Prose
    expected_output: Annotated[Prose, Field(max_length=4_000)]
    agent: Key
    context: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    tools: Annotated[tuple[Key, ...], Field(max_length=20)] = ()
    async_execution: bool = False
    markdown: bool = False
    human_input: bool = False
    guardrail: Annotated[Prose, Field(max_length=4_000)] | None = None
    output_schema: dict[str, Any] | None = None


class CrewSpec(Part):
    """`manager` is the agent that hands out the work of a hierarchical crew."""

    process: Process
    manager: Key | None = None
    agents: Annotated[tuple[AgentSpec, ...], Field(min_length=1, max_length=20)]
    tasks: Annotated[tuple[TaskSpec, ...], Field(min_length=1, max_length=40)]


class ToolSpec(Part):
    """A tool that Guildhall already has, with settings; a package brings no code."""

    tool: Key
    settings: Parameters = Field(default_factory=dict)


class Preset(Part):
    """A named set of parameters to start from."""

    name: Key
    title: Line
    description: Sentence
    parameters: Parameters


class Expectation(Part):
    """A published result: the mean of `metric` over `seeds` runs under `parameters` lies in `between`."""

    parameters: Parameters
    seeds: Annotated[int, Field(ge=1, le=20)]
    steps: Annotated[int, Field(ge=1, le=100_000)]
    metric: Key
    between: tuple[float, float]
    source: Sentence


class ScenarioSpec(Part):
    """A scenario of the built-in library, by its key there, and how to play it."""

    scenario: Key
    parameters: Parameters
    steps: Annotated[int, Field(ge=1, le=100_000)]
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    policy: Literal["rule", "llm", "hybrid"] = "rule"
    presets: Annotated[tuple[Preset, ...], Field(max_length=12)] = ()
    expect: Annotated[tuple[Expectation, ...], Field(max_length=12)] = ()


Spec = AgentSpec | CrewSpec | ToolSpec | ScenarioSpec
