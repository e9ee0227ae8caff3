"""From a manifest to the runtime's own terms: what is made of it in a workspace. The inverse of `from_workspace`."""

from __future__ import annotations

from collections.abc import Iterable

from agents.runtimes.spec import AgentSpec, CrewSpec, InputSpec, LimitsSpec, TaskSpec
from marketplace.manifest import specs
from marketplace.manifest.envelope import AgentManifest, CrewManifest, Inputs, Limits
from marketplace.manifest.inputs import ordered


def crew_spec(manifest: CrewManifest) -> CrewSpec:
    """The crew of a manifest, under the listing's title. Tools that need a person's approval have it in every task that may use them."""
    crew = manifest.spec
    agents = tuple(_agent(agent) for agent in crew.agents)
    tools = {agent.name: agent.tools for agent in agents}
    return CrewSpec(
        name=manifest.metadata.title,
        agents=agents,
        tasks=tuple(_task(task, manifest.approvals, tools.get(task.agent)) for task in crew.tasks),
        inputs=inputs_of(manifest.inputs),
        process=crew.process,
        manager=crew.manager or "",
        manager_llm=crew.manager_llm,
        max_parallel=crew.max_parallel,
        max_rounds=crew.max_rounds,
        limits=limits_of(manifest.limits),
    )


def agent_spec(manifest: AgentManifest) -> AgentSpec:
    """The agent of a manifest, under its own name."""
    return _agent(manifest.spec)


def inputs_of(inputs: Inputs) -> tuple[InputSpec, ...]:
    return tuple(
        InputSpec(
            name=name,
            description=str(field.get("description") or field.get("title") or ""),
            default=None if field.get("default") is None else str(field["default"]),
        )
        for name, field in ordered(inputs)
    )


def limits_of(given: Limits) -> LimitsSpec:
    seconds = given.minutes * 60 + given.seconds
    return LimitsSpec(seconds=seconds, model_calls=given.model_calls, tokens=given.tokens, usd=given.usd)


def _agent(agent: specs.AgentSpec) -> AgentSpec:
    return AgentSpec(**agent.model_dump())


def _task(task: specs.TaskSpec, approvals: Iterable[str], tools: Iterable[str] | None) -> TaskSpec:
    """`tools` are those of the agent that does it, None where somebody else decides who does: then any may be used."""
    usable = None if tools is None else {*task.tools, *tools}
    asked = [tool for tool in approvals if usable is None or tool in usable]
    before = dict.fromkeys((*task.ask_before_tools, *asked))
    return TaskSpec(**task.model_dump() | {"guardrail": task.guardrail or "", "ask_before_tools": tuple(before)})
