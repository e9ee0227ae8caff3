"""The door for a host that has threads and no event loop: the run's loop lives in a thread of its own, the host's functions in another.

The host's `complete`, `tools` and `hooks` are plain functions here. Kept until every host awaits `run_crew`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import Any

from agents.llm.types import OnText, Reply, Request
from agents.runtimes import crew
from agents.runtimes.outcome import (
    Answer,
    Ask,
    CallId,
    CrewResult,
    RuntimeEvent,
    StepOutput,
    StepResult,
    Suspended,
    User,
)
from agents.runtimes.spec import CrewSpec


def run_crew(
    spec: CrewSpec,
    inputs: Mapping[str, str],
    *,
    complete: Callable[..., Reply],
    tools: Mapping[str, Any],
    hooks: Any,
    done: Mapping[str, StepOutput] | None = None,
) -> CrewResult:
    with ThreadPoolExecutor(1, "host") as host, ThreadPoolExecutor(1, "run") as loop:
        asked = crew.run_crew(
            spec,
            inputs,
            complete=_Complete(complete),
            tools={name: replace(tool, run=partial(_tool, tool.run)) for name, tool in tools.items()},
            hooks=_Hooks(hooks, host),
            done=done,
        )
        return loop.submit(copy_context().run, asyncio.run, asked).result()


class _Complete:
    def __init__(self, complete: Callable[..., Reply]) -> None:
        self._complete = complete

    async def __call__(self, request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        loop = asyncio.get_running_loop()

        async def heard(text: str) -> None:
            if on_text is not None:
                on_text(text)

        def hear(text: str) -> None:
            asyncio.run_coroutine_threadsafe(heard(text), loop).result()

        return await asyncio.to_thread(self._complete, request, on_text=hear)


async def _tool(run: Callable[[Mapping[str, Any], User], str], arguments: Mapping[str, Any], user: User) -> str:
    return await asyncio.to_thread(run, arguments, user)


class _Hooks:
    def __init__(self, hooks: Any, host: ThreadPoolExecutor) -> None:
        self._hooks = hooks
        self._host = host

    def check(self) -> None:
        self._tell(self._hooks.check)

    def event(self, event: RuntimeEvent) -> None:
        self._tell(self._hooks.event, event)

    async def step_done(self, step: StepResult) -> None:
        self._tell(self._hooks.step_done, step)

    async def ask(self, question: Ask) -> Answer:
        raise Suspended

    def _tell(self, act: Callable[..., object], *told: object) -> None:
        self._host.submit(copy_context().run, act, *told).result()
