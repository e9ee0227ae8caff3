"""Coherence: does a manifest that reads well also mean something, and ask for exactly the power that it uses?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from marketplace.manifest.envelope import Manifest
from marketplace.manifest.inputs import check_inputs, properties
from marketplace.manifest.problems import Path, Problem
from marketplace.manifest.specs import AgentSpec, CrewSpec, ScenarioSpec
from marketplace.manifest.text import Part

PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")
READS_DOCUMENTS = {"search_knowledge", "query_csv", "query_json"}
DELEGATES = {"ask_agent"}


def check(manifest: Manifest) -> list[Problem]:
    """Every incoherence, in no particular order; empty when there is none."""
    problems = [*_permission_faults(manifest), *_tool_faults(manifest)]
    if manifest.inputs:
        problems += check_inputs(manifest.inputs)
    if isinstance(manifest.spec, CrewSpec):
        problems += _crew_faults(manifest.spec)
        problems += _placeholder_faults(manifest, _crew_texts(manifest.spec))
    if isinstance(manifest.spec, AgentSpec):
        problems += _placeholder_faults(manifest, _agent_texts(manifest.spec, ("spec",)))
    if isinstance(manifest.spec, ScenarioSpec):
        problems += _scenario_faults(manifest.spec)
    return problems


def needed_permissions(manifest: Manifest) -> dict[str, str]:
    """Codes of the permissions that the spec cannot work without, each with the reason."""
    spec = manifest.spec
    if isinstance(spec, ScenarioSpec):
        return {"compute": "it runs a simulation"} | (
            {"model:any": "its policy asks a model"} if spec.policy != "rule" else {}
        )
    agents = spec.agents if isinstance(spec, CrewSpec) else (spec,) if isinstance(spec, AgentSpec) else ()
    needed = {"model:any": "its agents call a model"} if agents else {}
    for user, tools in _tool_users(spec):
        needed |= {f"tool:{tool}": f"{user} uses it" for tool in tools}
        if READS_DOCUMENTS & set(tools):
            needed["knowledge:read"] = f"{user} searches documents"
        if DELEGATES & set(tools):
            needed["delegate"] = f"{user} asks other agents"
    for agent in agents:
        if agent.allow_delegation:
            needed["delegate"] = f"the agent “{agent.name}” may delegate"
    return needed


def _tool_users(spec: Part) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(spec, AgentSpec):
        yield f"the agent “{spec.name}”", spec.tools
    if isinstance(spec, CrewSpec):
        yield from ((f"the agent “{agent.name}”", agent.tools) for agent in spec.agents)
        yield from ((f"the task “{task.name}”", task.tools) for task in spec.tasks)


def _tool_faults(manifest: Manifest) -> Iterator[Problem]:
    used = {tool for _, tools in _tool_users(manifest.spec) for tool in tools}
    for tool in sorted(used - set(manifest.requires.tools)):
        yield Problem(("requires", "tools"), "not_required", f"“{tool}” is used but not among the required tools.")


def _permission_faults(manifest: Manifest) -> Iterator[Problem]:
    asked = [permission.meaning().code for permission in manifest.permissions]
    needed = needed_permissions(manifest)
    for number, code in enumerate(asked):
        if asked.index(code) != number:
            yield Problem(("permissions", number), "duplicate", f"{code} is asked for twice.")
        if code.startswith(("tool:", "knowledge:", "delegate", "compute")) and code not in needed:
            yield Problem(("permissions", number), "unused", f"{code} is asked for, but nothing here uses it.")
    for code in sorted(needed.keys() - set(asked)):
        if code == "model:any" and any(other.startswith("model:") for other in asked):
            continue
        yield Problem(("permissions",), "not_asked", f"{code} is missing, though {needed[code]}.")


def _repeated(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


def _crew_faults(crew: CrewSpec) -> Iterator[Problem]:
    for name in sorted(_repeated(agent.name for agent in crew.agents)):
        yield Problem(("spec", "agents"), "duplicate", f"Two agents are called “{name}”.")
    for name in sorted(_repeated(task.name for task in crew.tasks)):
        yield Problem(("spec", "tasks"), "duplicate", f"Two tasks are called “{name}”.")
    yield from _task_faults(crew)
    if crew.manager and crew.manager not in {agent.name for agent in crew.agents}:
        yield Problem(("spec", "manager"), "unknown_agent", f"There is no agent “{crew.manager}” in this crew.")
    busy = {task.agent for task in crew.tasks} | {crew.manager}
    for number, agent in enumerate(crew.agents):
        if agent.name not in busy:
            yield Problem(("spec", "agents", number), "idle", f"No task is given to the agent “{agent.name}”.")


def _task_faults(crew: CrewSpec) -> Iterator[Problem]:
    """A task may only be given the results of tasks above it, so there is no cycle to fall into."""
    agents = {agent.name for agent in crew.agents}
    earlier: set[str] = set()
    for number, task in enumerate(crew.tasks):
        path: Path = ("spec", "tasks", number)
        if task.agent not in agents:
            yield Problem((*path, "agent"), "unknown_agent", f"There is no agent “{task.agent}” in this crew.")
        for name in task.context:
            if name not in earlier:
                yield Problem((*path, "context"), "context", f"“{name}” is not a task above “{task.name}”.")
        earlier.add(task.name)


def _agent_texts(agent: AgentSpec, path: Path) -> Iterator[tuple[Path, str]]:
    yield (*path, "role"), agent.role
    yield (*path, "goal"), agent.goal
    yield (*path, "backstory"), agent.backstory


def _crew_texts(crew: CrewSpec) -> Iterator[tuple[Path, str]]:
    for number, agent in enumerate(crew.agents):
        yield from _agent_texts(agent, ("spec", "agents", number))
    for number, task in enumerate(crew.tasks):
        yield ("spec", "tasks", number, "description"), task.description
        yield ("spec", "tasks", number, "expected_output"), task.expected_output


def _placeholder_faults(manifest: Manifest, texts: Iterable[tuple[Path, str]]) -> Iterator[Problem]:
    asked = properties(manifest.inputs)
    used: set[str] = set()
    for path, text in texts:
        for name in sorted(set(PLACEHOLDER.findall(text))):
            used.add(name)
            if name not in asked:
                yield Problem(path, "placeholder", f"{{{name}}} is not among the inputs.")
    if isinstance(manifest.spec, CrewSpec):
        for name in sorted(asked.keys() - used):
            path = ("inputs", "schema", "properties", name)
            yield Problem(path, "unused", f"The input “{name}” is asked for, but no text uses {{{name}}}.")


def _scenario_faults(scenario: ScenarioSpec) -> Iterator[Problem]:
    for name in sorted(_repeated(preset.name for preset in scenario.presets)):
        yield Problem(("spec", "presets"), "duplicate", f"Two presets are called “{name}”.")
    for number, expectation in enumerate(scenario.expect):
        low, high = expectation.between
        if low > high:
            yield Problem(("spec", "expect", number, "between"), "range", f"{low:g} is above {high:g}.")
