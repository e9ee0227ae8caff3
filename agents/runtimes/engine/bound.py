"""A bound in seconds that fails in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents.runtimes.engine.step import Step


@asynccontextmanager
async def at_most(seconds: int, step: Step, *, who: str) -> AsyncIterator[None]:
    """`who` is named in the failure; 0 for no bound."""
    if not seconds:
        yield
        return
    bound = asyncio.timeout(seconds)
    try:
        async with bound:
            yield
    except TimeoutError:
        if not bound.expired():
            raise
        unit = "second" if seconds == 1 else "seconds"
        step.fail(f"{who} was stopped after {seconds} {unit}, the most that it may take.", code="task_time")
