"""Tasks at once: each starts when those that it names are done, and the last one, unless it says otherwise, sees them all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from agents.runtimes.conditions import tasks_in
from agents.runtimes.engine.crew import CrewRun
from agents.runtimes.engine.together import together
from agents.runtimes.outcome import StepOutput
from agents.runtimes.spec import CrewSpec, TaskSpec


async def in_parallel(run: CrewRun) -> StepOutput:
    """The output of the last task; where that one joins nothing, all outputs under their names."""
    board = _Board(run)
    await together([partial(board.play, task) for task in run.spec.tasks])
    last = run.spec.tasks[-1]
    if len(run.spec.tasks) > 1 and not context_of(run.spec, last):
        return _side_by_side(run)
    return run.last()


def context_of(spec: CrewSpec, task: TaskSpec) -> tuple[str, ...]:
    if task.context is None and task.name == spec.tasks[-1].name:
        return tuple(other.name for other in spec.tasks[:-1])
    return task.context or ()


class _Board:
    """Which tasks have ended, however they did."""

    def __init__(self, run: CrewRun) -> None:
        self._run = run
        self._room = asyncio.Semaphore(run.spec.max_parallel)
        self._ended = {task.name: asyncio.Event() for task in run.spec.tasks}

    async def play(self, task: TaskSpec) -> None:
        context = context_of(self._run.spec, task)
        try:
            if await self._ready(dict.fromkeys([*context, *tasks_in(task.condition)])):
                async with self._room:
                    await self._run.task(task, context)
        finally:
            self._ended[task.name].set()

    async def _ready(self, needs: dict[str, None]) -> bool:
        """False when one of them came to no end at all: it waits for a person, or the run is over."""
        for name in needs:
            await self._ended[name].wait()
        return all(name in self._run.outputs for name in needs)


def _side_by_side(run: CrewRun) -> StepOutput:
    run.last()  # says what went wrong where nothing came out
    names: Sequence[str] = [task.name for task in run.spec.tasks if task.name not in run.skipped]
    return StepOutput("\n\n".join(f"## {name}\n\n{run.context([name])}" for name in names))
