"""One run in progress: what all its tasks share. Everything here happens on the run's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, Literal, TypeVar

from crewai.hooks.dispatch import HookAborted

from agents.llm.types import Image, Usage
from agents.runtimes.desk import AgentExecutor
from agents.runtimes.outcome import Bars, Complete, EventKind, Hooks, RunStopped, RuntimeEvent, StepResult

T = TypeVar("T")
ExecutorName = Literal["own", "stock"]


class Halted(HookAborted):
    """How a stop or a failure travels through CrewAI: the one exception that it neither retries nor turns into text."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause), source="host")
        self.cause = cause


@dataclass(slots=True)
class Session:
    """`fault` is what ended the run: tasks that still run beside meet it at their next boundary. `used` names the tools that ran.

    `executors` are the classes that agents may be, by name; `pictures` is what the tasks that see are shown. `watches`: what sends something
    out needs a person's leave once what others wrote has come into the task.
    """

    complete: Complete
    hooks: Hooks
    executor: ExecutorName = "own"
    executors: Mapping[str, AgentExecutor] = field(default_factory=dict)
    bars: Bars = field(default=lambda _: "")
    pictures: tuple[Image, ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost: Decimal = Decimal(0)
    steps: list[StepResult] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    watches: bool = False
    fault: Exception | None = None
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    _bridges: set[asyncio.Future[Any]] = field(default_factory=set)

    def check(self) -> None:
        """Stop here when the run has failed elsewhere, or when the host wants it to stop."""
        if self.fault is not None:
            raise Halted(self.fault)
        try:
            self.hooks.check()
        except RunStopped as stop:
            raise Halted(stop) from stop

    def emit(self, kind: EventKind, task: str, agent: str, /, **data: Any) -> None:
        self.hooks.event(RuntimeEvent(kind, task, agent, data))

    # The stock executor runs in a thread and comes back to the loop for every model call and tool.

    async def in_thread(self, act: Callable[..., T], *args: Any) -> T:
        """A thread of its own: those of a pool could all wait for work that waits for a place in the pool."""
        thread = ThreadPoolExecutor(1, "crewai")
        try:
            return await self._loop.run_in_executor(thread, partial(copy_context().run, act, *args))
        except asyncio.CancelledError:
            self.fault = self.fault or RunStopped("cancelled")
            await _ended(self._bridges)
            raise
        finally:
            thread.shutdown(wait=False)

    def from_thread(self, work: Coroutine[Any, Any, T]) -> T:
        if self.fault is not None:
            work.close()
            raise Halted(self.fault)
        return asyncio.run_coroutine_threadsafe(self._bridged(work), self._loop).result()

    async def _bridged(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.ensure_future(work)
        self._bridges.add(task)
        try:
            return await task
        finally:
            self._bridges.discard(task)


async def _ended(tasks: set[asyncio.Future[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
