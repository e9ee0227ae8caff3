"""Cancelling the asyncio task of a run ends it at once: no further call, nothing left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from agents.llm.types import OnText, Reply, Request, ToolCall, ToolSpec, Usage
from agents.runtimes.crew import run_crew
from agents.runtimes.outcome import CallId, ToolImpl, User
from agents.runtimes.spec import CrewSpec
from tests.runtimes.stage import Host, agent, crew, relay, task


class Slow:
    """A model that takes its time; `full` once `waiting` calls wait for it."""

    def __init__(self, waiting: int = 1) -> None:
        self.calls: list[str] = []
        self.open = self.answered = 0
        self.full = asyncio.Event()
        self._waiting = waiting

    async def complete(self, request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        self.calls.append(call.key)
        self.open += 1
        if self.open == self._waiting:
            self.full.set()
        try:
            await asyncio.sleep(30)
            self.answered += 1
        finally:
            self.open -= 1
        return Reply("text", "memory", "m", Usage(1, 1))


async def cancelled(spec: CrewSpec, model: Slow, host: Host, **more: Any) -> None:
    """Cancelled once the model is full: no call came to its end, and nothing that belongs to the run is left on the loop."""
    run = asyncio.create_task(run_crew(spec, {}, complete=model.complete, tools={}, hooks=host, **more))
    await model.full.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert model.answered == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_in_the_middle_of_a_call() -> None:
    model, host = Slow(), Host()
    await cancelled(relay(3), model, host)
    assert (model.calls, model.open) == (["t1/worker/m1"], 0)
    assert host.kinds() == ["task.started", "model.started", "model.failed", "task.failed"]
    assert host.events[-1].data == {"error": "Stopped.", "code": "cancelled"}


async def test_all_branches_at_once() -> None:
    model, host = Slow(8), Host()
    spec = crew(agent("worker"), *(task(f"t{number}", "worker") for number in range(20)), process="parallel")
    await cancelled(spec, model, host)
    assert (len(model.calls), model.open) == (8, 0)
    assert host.kinds().count("task.failed") == 8


async def test_asynchronous_tasks_too() -> None:
    model, host = Slow(5), Host()
    beside = [task(f"t{number}", "worker", async_execution=True) for number in range(5)]
    await cancelled(crew(agent("worker"), *beside, task("join", "worker")), model, host)
    assert (len(model.calls), model.open) == (5, 0)


async def test_a_run_with_crewai_s_own_executor_lets_go_of_its_thread() -> None:
    before, model = threading.active_count(), Slow()
    await cancelled(relay(3), model, Host(), stock=True)
    assert (model.calls, model.open) == (["t1/worker/m1"], 0)
    async with asyncio.timeout(60):
        while threading.active_count() != before:  # noqa: ASYNC110 - a thread tells nobody that it has ended
            await asyncio.sleep(0.05)


async def test_in_the_middle_of_a_tool() -> None:
    begun, ended = asyncio.Event(), []

    async def slow(arguments: Mapping[str, Any], user: User) -> str:
        begun.set()
        try:
            await asyncio.sleep(30)
        finally:
            ended.append(user.key)
        return ""

    async def complete(request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        return Reply("", "memory", "m", Usage(1, 1), (ToolCall("c1", "slow", {}),))

    tools = {"slow": ToolImpl(ToolSpec("slow", "Slow.", {"type": "object"}), slow)}
    spec = crew(agent("one", tools=("slow",)), task("t1", "one"))
    run = asyncio.create_task(run_crew(spec, {}, complete=complete, tools=tools, hooks=Host()))
    await begun.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert ended == ["t1/one/t1"]


async def test_a_hundred_cancelled_runs_leave_no_task_behind() -> None:
    model = Slow(100)
    runs = [
        asyncio.create_task(run_crew(relay(2), {}, complete=model.complete, tools={}, hooks=Host())) for _ in range(100)
    ]
    await model.full.wait()
    for run in runs:
        run.cancel()
    ends = await asyncio.gather(*runs, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends)
    assert (len(model.calls), model.open) == (100, 0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
