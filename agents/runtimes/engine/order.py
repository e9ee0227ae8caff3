"""Tasks in the order in which they are written, as CrewAI takes them: those marked asynchronous beside each other."""

from __future__ import annotations

from functools import partial

from agents.runtimes.engine.crew import CrewRun
from agents.runtimes.engine.together import together
from agents.runtimes.outcome import StepOutput
from agents.runtimes.spec import TaskSpec


async def in_order(run: CrewRun) -> StepOutput:
    """The last output that there is."""
    before: list[str] = []
    group: list[TaskSpec] = []
    for task in run.spec.tasks:
        if task.async_execution:
            group.append(task)
            continue
        await _beside(run, group)
        before += [member.name for member in group]
        group = []
        await run.task(task, before if task.context is None else task.context)
        before.append(task.name)
    await _beside(run, group)
    return run.last()


async def _beside(run: CrewRun, group: list[TaskSpec]) -> None:
    """An asynchronous task sees only what it names as its context; so it is in CrewAI 1.15."""
    works = [partial(run.task, task, task.context or ()) for task in group]
    await together(works, most=run.spec.max_parallel)
