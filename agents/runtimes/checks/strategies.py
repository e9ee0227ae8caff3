"""Whether the tasks can be carried out in the way that the crew wants."""

from __future__ import annotations

from collections.abc import Iterator

from agents.runtimes.checks.problem import Problem, known
from agents.runtimes.spec import CrewSpec, TaskSpec


def bad_strategy(spec: CrewSpec) -> Iterator[Problem]:
    yield from _bad_end(spec)
    for task in spec.tasks:
        if task.async_execution:
            yield from _bad_asynchronous(spec, task)
    yield from _bad_manager(spec)
    if spec.process == "adaptive":
        yield from _reserved(spec)


def _reserved(spec: CrewSpec) -> Iterator[Problem]:
    for task in spec.tasks:
        if task.name in {"router", "finish"}:
            detail = f"“{task.name}” means something else in an adaptive crew. Give the task another name."
            yield Problem(f"tasks.{task.name}", "bad_name", detail)


def _bad_end(spec: CrewSpec) -> Iterator[Problem]:
    """A limit of CrewAI on tasks that run side by side."""
    if len(spec.tasks) > 1 and spec.tasks[-1].async_execution and spec.tasks[-2].async_execution:
        detail = "A crew ends with at most one asynchronous task. Add a task that joins their results."
        yield Problem(f"tasks.{spec.tasks[-1].name}.async_execution", "async_end", detail)


def _bad_asynchronous(spec: CrewSpec, task: TaskSpec) -> Iterator[Problem]:
    path = f"tasks.{task.name}.async_execution"
    if spec.process == "hierarchical":
        detail = "A manager gives out one task at a time. Set async_execution to false."
        yield Problem(path, "async_hierarchical", detail)
    if spec.process in {"parallel", "adaptive"}:
        detail = f"A crew that works {spec.process} decides itself what runs when. Set async_execution to false."
        yield Problem(path, f"async_{spec.process}", detail)
    if any(agent.allow_delegation for agent in spec.agents if agent.name == task.agent):
        detail = f"“{task.name}” runs beside others, so “{task.agent}” cannot delegate. Choose one."
        yield Problem(path, "async_delegation", detail)


def _bad_manager(spec: CrewSpec) -> Iterator[Problem]:
    names = {agent.name for agent in spec.agents}
    if not spec.manager:
        return
    if spec.manager not in names:
        yield Problem("manager", "unknown_agent", f"The manager “{spec.manager}” is not an agent. {known(names)}")
    elif spec.agent(spec.manager).tools:
        detail = f"A manager only delegates. Take the tools away from “{spec.manager}”."
        yield Problem("manager", "manager_tools", detail)
    elif spec.process == "hierarchical" and len(spec.agents) == 1:
        yield Problem("manager", "alone", "A manager needs at least one other agent to give work to.")
