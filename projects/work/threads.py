"""Threads and event loops: a thread that works keeps one loop; a loop hands its blocking calls to a few threads."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import ParamSpec, TypeVar

from django.conf import settings

from tenants.context import enter, release_connection

P = ParamSpec("P")
T = TypeVar("T")
_kept = threading.local()


def loop_of_thread() -> asyncio.Runner:
    """One per thread, as connections to model servers and to Redis belong to a loop."""
    found: asyncio.Runner | None = getattr(_kept, "loop", None)
    if found is None:
        found = _kept.loop = asyncio.Runner()
    return found


def end_loop_of_thread() -> None:
    """Close it, and with it the connections that were made on it; the next work begins another."""
    found: asyncio.Runner | None = _kept.__dict__.pop("loop", None)
    if found is not None:
        found.close()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.RUN_DATABASE_THREADS, thread_name_prefix="run-blocking")


async def in_workspace(schema: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Make a blocking call in a workspace (the ORM, reading a file) without holding up the other runs of this process."""
    loop = asyncio.get_running_loop()
    work = partial(_inside, schema, partial(call, *args, **kwargs))
    return await loop.run_in_executor(_threads(), contextvars.copy_context().run, work)


def _inside(schema: str, call: Callable[[], T]) -> T:
    """These few threads keep their connections between calls; one that has failed is given back."""
    try:
        with enter(schema):
            return call()
    except BaseException:  # raised again: whatever it was, the connection may be of no use
        release_connection()
        raise
    finally:
        if not settings.POOLED:
            release_connection()
