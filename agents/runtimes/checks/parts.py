"""Each agent and each task on its own."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from agents.runtimes.checks.problem import Problem, known
from agents.runtimes.checks.schemas import bad_schema
from agents.runtimes.rules import PatternRefused, compiled
from agents.runtimes.spec import CrewSpec, TaskSpec

TASK_LIMIT = 100
AGENT_LIMIT = 50
ITERATION_LIMIT = 100
RETRY_LIMIT = 10
CHOSEN = {"hierarchical", "adaptive"}  # where somebody says who does a task that names no agent


def numbers_of_parts(spec: CrewSpec) -> Iterator[Problem]:
    if not spec.tasks:
        yield Problem("tasks", "empty", "This crew has no tasks. Add at least one task.")
    if not spec.agents:
        yield Problem("agents", "empty", "This crew has no agents. Add at least one agent.")
    for group, found, most in (("tasks", spec.tasks, TASK_LIMIT), ("agents", spec.agents, AGENT_LIMIT)):
        if len(found) > most:
            yield Problem(group, "too_many", f"A crew has at most {most} {group}; this one has {len(found)}.")


def bad_agents(spec: CrewSpec, tools: Container[str]) -> Iterator[Problem]:
    for agent in spec.agents:
        yield from unknown_tools(f"agents.{agent.name}", agent.tools, tools)
        if not 1 <= agent.max_iter <= ITERATION_LIMIT:
            yield Problem(
                f"agents.{agent.name}.max_iter", "out_of_range", f"Set max_iter between 1 and {ITERATION_LIMIT}."
            )


def bad_tasks(spec: CrewSpec, tools: Container[str]) -> Iterator[Problem]:
    names = {agent.name for agent in spec.agents}
    for task in spec.tasks:
        path = f"tasks.{task.name}"
        yield from unknown_tools(path, task.tools, tools)
        yield from _task_agent(path, task, names, needed=spec.process not in CHOSEN)
        if not 0 <= task.guardrail_max_retries <= RETRY_LIMIT:
            detail = f"Set guardrail_max_retries between 0 and {RETRY_LIMIT}."
            yield Problem(f"{path}.guardrail_max_retries", "out_of_range", detail)
        yield from _bad_checks(f"{path}.checks", task)
        if task.output_schema is not None:
            yield from bad_schema(f"{path}.output_schema", task.output_schema)


def unknown_tools(path: str, wanted: Iterable[str], tools: Container[str]) -> Iterator[Problem]:
    for name in wanted:
        if name not in tools:
            yield Problem(
                f"{path}.tools", "unknown_tool", f"There is no tool “{name}” here. Remove it or choose another."
            )


def unknown_classes(spec: CrewSpec, classes: Container[str]) -> Iterator[Problem]:
    """Agents that are a class which this installation does not have."""
    for agent in spec.agents:
        if agent.library and agent.library not in classes:
            detail = f"The library of this installation has no agent “{agent.library}” (any more)."
            yield Problem(f"agents.{agent.name}.library", "unknown_class", detail)


def _task_agent(path: str, task: TaskSpec, names: set[str], *, needed: bool) -> Iterator[Problem]:
    if not task.agent and needed:
        yield Problem(f"{path}.agent", "missing", f"Task “{task.name}” names no agent. Say which agent does it.")
    if task.agent and task.agent not in names:
        yield Problem(
            f"{path}.agent",
            "unknown_agent",
            f"Task “{task.name}” names the agent “{task.agent}”, which this crew does not have. {known(names)}",
        )


def _bad_checks(path: str, task: TaskSpec) -> Iterator[Problem]:
    checks = task.checks
    if checks.max_words and checks.max_words < checks.min_words:
        detail = f"At most {checks.max_words} words and at least {checks.min_words}: no answer has both."
        yield Problem(f"{path}.max_words", "out_of_range", detail)
    if checks.must_match:
        try:
            compiled(checks.must_match)
        except PatternRefused as refusal:
            yield Problem(f"{path}.must_match", "bad_pattern", str(refusal))
