"""Between rows and specifications: a crew as it can run, and the rows that a specification becomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from agents.models import Agent, Crew, Task
from agents.runtimes.spec import (
    AgentSpec,
    ChecksSpec,
    CrewSpec,
    InputSpec,
    LimitsSpec,
    Process,
    TaskSpec,
    WaitingSpec,
    placeholders,
)
from agents.tools.reading import manifests_of

AGENT_FIELDS = (
    "name",
    "role",
    "goal",
    "backstory",
    "llm",
    "temperature",
    "max_iter",
    "max_seconds",
    "max_tokens",
    "allow_delegation",
    "library",
)
TASK_FIELDS = (
    "name",
    "description",
    "expected_output",
    "condition",
    "async_execution",
    "on_failure",
    "markdown",
    "human_input",
    "sees_pictures",
    "guardrail",
    "guardrail_max_retries",
    "output_schema",
    "output_name",
    "output_kind",
    "llm",
    "temperature",
    "max_tokens",
)
BESIDE = {"ids", "collections", "version", "leave", "leaves", "manifests", "risk", "grants"}
"""What a snapshot holds beside the specification."""
ONLY_TASK = "answer"
ASK = "task"


def spec_of(crew: Crew) -> CrewSpec:
    """The crew as it stands now. Reads its agents and tasks; prefetch `agents` and `tasks__agent` for many."""
    members = [place.agent for place in crew.places.all()]
    names = {agent.pk: agent.name for agent in members}
    return CrewSpec(
        name=crew.name,
        process=process_of(crew.process),
        agents=tuple(agent_spec(agent) for agent in members),
        tasks=tuple(_task_spec(task, names) for task in crew.tasks.all()),
        inputs=tuple(InputSpec.model_validate(given) for given in crew.inputs),
        manager=names.get(crew.manager_id, "") if crew.manager_id else "",
        manager_llm=crew.manager_llm,
        max_parallel=crew.max_parallel,
        max_rounds=crew.max_rounds,
        limits=LimitsSpec.model_validate(crew.limits),
        trust_outside_content=crew.trust_outside_content,
    )


def process_of(text: str) -> Process:
    """The process of a name; one that does not exist is the default of CrewAI."""
    known: dict[str, Process] = {name: name for name in get_args(Process)}
    return known.get(text, "sequential")


def agent_spec(agent: Agent) -> AgentSpec:
    return AgentSpec(**{field: getattr(agent, field) for field in AGENT_FIELDS}, tools=tuple(agent.tools))


def _task_spec(task: Task, names: Mapping[Any, str]) -> TaskSpec:
    return TaskSpec(
        **{field: getattr(task, field) for field in TASK_FIELDS},
        agent=names.get(task.agent_id, "") if task.agent_id else "",
        tools=tuple(task.tools),
        ask_before_tools=tuple(task.ask_before_tools),
        ask_input=tuple(InputSpec.model_validate(given) for given in task.ask_input),
        waiting=WaitingSpec.model_validate(task.waiting),
        checks=ChecksSpec.model_validate(task.checks),
        limits=LimitsSpec.model_validate(task.limits),
        context=None if task.context is None else tuple(task.context),
    )


def alone(agent: Agent) -> CrewSpec:
    """A crew of one agent whose only task is what the person asks for; the agent's own placeholders are inputs too."""
    spec = agent_spec(agent)
    texts = (text for _, text in spec.texts())
    return CrewSpec(
        name=agent.name,
        agents=(spec,),
        tasks=(
            TaskSpec(
                name=ONLY_TASK,
                description=f"{{{ASK}}}",
                expected_output="A complete answer to the task.",
                agent=spec.name,
            ),
        ),
        inputs=declared([InputSpec(name=ASK, description="What the agent shall do.")], texts),
    )


def declared(inputs: Sequence[InputSpec], texts: Iterable[str]) -> tuple[InputSpec, ...]:
    """The inputs, and after them one for each placeholder that is not among them."""
    names = {given.name for given in inputs}
    used = dict.fromkeys(name for text in texts for name in placeholders(text))
    return (*inputs, *(InputSpec(name=name) for name in used if name not in names))


def texts_of(spec: CrewSpec) -> Iterable[str]:
    parts: list[AgentSpec | TaskSpec] = [*spec.tasks, *spec.agents]
    return (text for part in parts for _, text in part.texts())


def agent_row(spec: AgentSpec, **more: Any) -> Agent:
    return Agent(**{field: getattr(spec, field) for field in AGENT_FIELDS}, tools=list(spec.tools), **more)


def task_row(spec: TaskSpec, *, crew: Crew, position: int, agents: Mapping[str, Agent]) -> Task:
    return Task(
        **{field: getattr(spec, field) for field in TASK_FIELDS},
        crew=crew,
        position=position,
        agent=agents.get(spec.agent),
        tools=list(spec.tools),
        ask_before_tools=list(spec.ask_before_tools),
        ask_input=[given.model_dump() for given in spec.ask_input],
        waiting=spec.waiting.model_dump(exclude_defaults=True),
        checks=spec.checks.model_dump(exclude_defaults=True),
        limits=spec.limits.model_dump(exclude_defaults=True),
        context=None if spec.context is None else list(spec.context),
    )


def snapshot_of(
    spec: CrewSpec, *, agents: Iterable[Agent], tasks: Iterable[Task] = (), crew: Crew | None = None
) -> dict[str, Any]:
    """A run's copy of its definitions, with the ids behind the names, what each agent may search (null for all), what was granted to
    the crew and to each agent (null for everything), and the manifests that they were copied from."""
    members = list(agents)
    bound: list[Agent | Crew] = [each for each in (crew, *members) if each is not None and each.grants is not None]
    return spec.to_snapshot() | {
        "ids": {
            "agents": {agent.name: str(agent.pk) for agent in members},
            "tasks": {task.name: str(task.pk) for task in tasks},
        },
        "collections": {agent.name: [str(found.pk) for found in agent.collections.all()] or None for agent in members},
        "leave": _leave_of(crew) if crew else None,
        "leaves": {agent.name: _leave_of(agent) for agent in members},
        "manifests": _manifests_of(spec, bound),
        "risk": max((int(each.bounds.get("risk") or 0) for each in bound), default=0),
    }


def _leave_of(row: Agent | Crew) -> dict[str, Any] | None:
    """What its installer granted, how far that goes, and the manifest that answers for it."""
    if row.grants is None:
        return None
    return {"grants": list(row.grants), "bounds": dict(row.bounds), "made_from": row.manifest_digest}


def _manifests_of(spec: CrewSpec, bound: Iterable[Agent | Crew]) -> list[str]:
    """Digests of what it was all copied from: the crew, its agents, their tools."""
    named = (name for tools in (*(a.tools for a in spec.agents), *(t.tools for t in spec.tasks)) for name in tools)
    return sorted({each.manifest_digest for each in bound if each.manifest_digest} | {*manifests_of(named)})


def spec_in(snapshot: Mapping[str, Any]) -> CrewSpec:
    """The specification in a run's snapshot. Raises SpecInvalid.

    One from before crews could say whether they trust what others wrote goes on as it began.
    """
    spec = {key: value for key, value in snapshot.items() if key not in BESIDE}
    return CrewSpec.from_snapshot({"trust_outside_content": True} | spec)
