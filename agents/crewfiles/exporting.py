"""A CrewSpec → agents.yaml and tasks.yaml as CrewAI projects have them, and crew.yaml for what those cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agents.crewfiles.completing import rest_of
from agents.documents.writing import as_written, dump
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec

LINE_WIDTH = 120


@dataclass(frozen=True, slots=True)
class CrewFiles:
    """`crew` is empty where the other two say everything."""

    agents: str
    tasks: str
    crew: str = ""


def write_crew(spec: CrewSpec) -> CrewFiles:
    """The files; reading them again gives an equal specification. Fields with CrewAI's default value are left out."""
    rest = rest_of(spec)
    return CrewFiles(
        agents=_dump({agent.name: _agent(agent) for agent in spec.agents}),
        tasks=_dump({task.name: _task(task) for task in spec.tasks}),
        crew=_dump(rest) if rest else "",
    )


def _agent(agent: AgentSpec) -> dict[str, Any]:
    always = {"role": agent.role, "goal": agent.goal, "backstory": agent.backstory}
    optional = {
        "llm": agent.llm,
        "temperature": agent.temperature,
        "tools": list(agent.tools),
        "max_iter": agent.max_iter if agent.max_iter != AgentSpec.model_fields["max_iter"].default else None,
        "allow_delegation": agent.allow_delegation,
    }
    return always | _said(optional)


def _task(task: TaskSpec) -> dict[str, Any]:
    always = {"description": task.description, "expected_output": task.expected_output}
    retries = task.guardrail_max_retries
    optional = {
        "agent": task.agent,
        "context": list(task.context) if task.context else None,
        "tools": list(task.tools),
        "async_execution": task.async_execution,
        "markdown": task.markdown,
        "human_input": task.human_input,
        "guardrail": task.guardrail,
        "guardrail_max_retries": retries if retries != TaskSpec.model_fields["guardrail_max_retries"].default else None,
        f"output_{task.output_kind}": task.output_schema or task.output_name,
    }
    return always | _said(optional) | ({"context": []} if task.context == () else {}) | _zero_retries(retries)


def _zero_retries(retries: int) -> dict[str, int]:
    return {"guardrail_max_retries": 0} if retries == 0 else {}


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value}


def _dump(tree: dict[str, Any]) -> str:
    return dump(as_written(tree), width=LINE_WIDTH)
