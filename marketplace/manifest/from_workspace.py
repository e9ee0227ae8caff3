"""From a workspace's crew, agent or scenario to a manifest. Knows specifications, not rows; the inverse of `to_workspace`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from pydantic import BaseModel

from agents.runtimes.spec import AgentSpec, CrewSpec, InputSpec, LimitsSpec, placeholders
from marketplace.manifest import specs
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.powers import needs_of, permissions_for, tools_of
from marketplace.manifest.reading import read_json
from simulations.engine.spec import AbmSpec

Document = dict[str, Any]
TASK = InputSpec(name="task", description="What the agent shall do.")
EXAMPLE = "Write an example here."


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a person says about what is published, in the form of the manifest's own sections; a workspace does not know it.

    `metadata` and `disclosure` are needed before it is a manifest. `permissions` are reasons in the author's words, hosts, and
    whatever else is not read off the definition; what is missing there is added with a plain reason. `fields` describes inputs
    better than the builder does (title, type, bounds), by name; `examples` are values for them. `limits` is for what has none.
    """

    metadata: Mapping[str, Any] = field(default_factory=dict)
    disclosure: Mapping[str, Any] = field(default_factory=dict)
    permissions: Sequence[Mapping[str, Any]] = ()
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    examples: Sequence[Mapping[str, Any]] = ()
    requires: Mapping[str, Any] = field(default_factory=dict)
    approvals: Sequence[str] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    evaluation: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A workspace's scenario as the library's key and its own defaults; `seed` None: another one each time.

    `spec` is all of it, with those defaults in it, where the workspace has it whole.
    """

    key: str
    parameters: Mapping[str, Any]
    presets: Sequence[Mapping[str, Any]]
    policy: str
    steps: int
    seed: int | None
    spec: Mapping[str, Any] | None = None


def manifest_of_crew(crew: CrewSpec, about: About) -> Manifest:
    """Raises ManifestError for what a manifest cannot say, or what `about` leaves out."""
    return read_json(document_of_crew(crew, about))


def manifest_of_agent(agent: AgentSpec, about: About) -> Manifest:
    """As above, for one agent alone."""
    return read_json(document_of_agent(agent, about))


def manifest_of_scenario(play: Play, about: About) -> Manifest:
    """As above, for a scenario."""
    return read_json(document_of_scenario(play, about))


def document_of_crew(crew: CrewSpec, about: About) -> Document:
    """The manifest as plain JSON, also where it is not complete yet.

    That a crew trusts what others write is for whoever runs it to say: it does not travel.
    """
    spec = crew.model_dump(mode="json", exclude={"name", "inputs", "limits", "trust_outside_content"})
    spec["manager"] = crew.manager or None
    for task in spec["tasks"]:
        task["guardrail"] = task["guardrail"] or None
    limits = {**about.limits, **_limits(crew.limits)}
    return _document("Crew", spec, about, inputs=crew.inputs, limits=limits)


def document_of_agent(agent: AgentSpec, about: About) -> Document:
    names = dict.fromkeys(name for _, text in agent.texts() for name in placeholders(text) if name != TASK.name)
    inputs = [TASK, *(InputSpec(name=name) for name in names)]
    return _document(
        "Agent", agent.model_dump(mode="json"), about, inputs=inputs, limits={"minutes": 15, **about.limits}
    )


def document_of_scenario(play: Play, about: About) -> Document:
    if play.spec is not None:
        return _document("Scenario", dict(play.spec), about, limits={"minutes": 10, **about.limits})
    spec = {
        "scenario": play.key,
        "parameters": dict(play.parameters),
        "presets": [dict(preset) for preset in play.presets],
        "policy": play.policy,
        "steps": play.steps,
        "seed": play.seed,
    }
    return _document("Scenario", spec, about, limits={"minutes": 10, **about.limits})


def _document(
    kind: str, spec: Document, about: About, *, inputs: Sequence[InputSpec] | None = None, limits: Document
) -> Document:
    parsed = _lenient(kind, spec)
    document: Document = {
        "apiVersion": "guildhall/v1",
        "kind": kind,
        "metadata": dict(about.metadata),
        "spec": spec,
        "requires": _requires(parsed, about),
        "permissions": permissions_for(needs_of(parsed), about.permissions),
        "approvals": list(about.approvals),
        "limits": limits,
        "disclosure": dict(about.disclosure),
    }
    if inputs is not None:
        document["inputs"] = _inputs(inputs, about)
    if about.evaluation is not None:
        document["evaluation"] = dict(about.evaluation)
    return document


def _lenient(kind: str, spec: Document) -> BaseModel:
    """The spec as far as it is needed to see what it uses; whether it is right is found out when it is read."""
    if kind == "Crew":
        agents = tuple(_agent(each) for each in spec["agents"])
        tasks = tuple(specs.TaskSpec.model_construct(**each) for each in spec["tasks"])
        return specs.CrewSpec.model_construct(process=spec["process"], agents=agents, tasks=tasks)
    return _agent(spec) if kind == "Agent" else _scenario(spec)


def _scenario(spec: Document) -> BaseModel:
    """Of a whole scenario only its policies show what it uses."""
    if "scenario" in spec:
        return specs.LibraryScenario.model_construct(**spec)
    policies = {name: SimpleNamespace(kind=policy["kind"]) for name, policy in spec["policies"].items()}
    return AbmSpec.model_construct(policies=policies)


def _agent(spec: Document) -> specs.AgentSpec:
    return specs.AgentSpec.model_construct(**spec)


def _requires(spec: BaseModel, about: About) -> Document:
    """The tools that it uses; its models and documents as the author says, or as the definition shows."""
    needed = needs_of(spec)
    tools = tools_of(spec)
    found: Document = {"tools": tools, "documents": "knowledge:read" in needed}
    if "model:any" in needed:
        found["models"] = [{"capability": "tools" if tools else "text"}]
    return {**found, **about.requires}


def _limits(limits: LimitsSpec) -> Document:
    minutes, seconds = divmod(limits.seconds, 60)
    return {"minutes": minutes, "seconds": seconds} | limits.model_dump(exclude={"seconds"})


def _inputs(inputs: Sequence[InputSpec], about: About) -> Document:
    properties = {given.name: _property(given, about.fields.get(given.name, {})) for given in inputs}
    required = [name for name, described in properties.items() if "default" not in described]
    schema = {"type": "object", "additionalProperties": False, "properties": properties, "required": required}
    return {
        "schema": schema,
        "examples": [dict(example) for example in about.examples] or [_example(properties)],
        "order": list(properties),
    }


def _property(given: InputSpec, told: Mapping[str, Any]) -> Document:
    """The builder's own words go last: what it says is what the installed crew will say."""
    described = {"type": "string", **told}
    if given.description:
        described["description"] = given.description
    if given.default is not None and str(described.get("default")) != given.default:
        described["default"] = given.default
    return described


def _example(properties: Mapping[str, Mapping[str, Any]]) -> Document:
    return {
        name: described.get("default", described.get("enum", [EXAMPLE])[0]) for name, described in properties.items()
    }
