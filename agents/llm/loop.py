"""The event loop on which threads ask models: one per process, in a thread of its own, started when it is first needed."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from enum import Enum
from queue import SimpleQueue
from typing import Any, TypeVar

from agents.llm.listening import OnRestart
from agents.llm.types import OnText

T = TypeVar("T")
Hear = OnText | None
Restart = OnRestart | None


class _News(Enum):
    ANEW = "anew"
    OVER = "over"


class _Loop:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        os.register_at_fork(after_in_child=self._forget)

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="llm-gateway", daemon=True)
                self._thread.start()
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("The gateway loop cannot wait for itself; use the asynchronous methods there.")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._loop = self._thread = None


_loop = _Loop()


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on the gateway loop and wait for it; a thread that is interrupted cancels it."""
    future = _loop.submit(work)
    try:
        return future.result()
    finally:
        future.cancel()


def on_gateway_loop(ask: Callable[[Hear, Restart], Coroutine[Any, Any, T]], *, on_text: Hear, on_restart: Restart) -> T:
    """Run what `ask` makes on the gateway loop; the callbacks are called here, in the thread that waits.

    What a callback raises ends the work and is raised.
    """
    if on_text is None:
        return wait_for(ask(None, None))
    news: SimpleQueue[str | _News] = SimpleQueue()

    def anew() -> None:
        news.put(_News.ANEW)

    future = _loop.submit(ask(news.put, anew if on_restart is not None else None))
    future.add_done_callback(lambda _: news.put(_News.OVER))
    try:
        while (item := news.get()) is not _News.OVER:
            if item is not _News.ANEW:
                on_text(item)
            elif on_restart is not None:
                on_restart()
        return future.result()
    finally:
        future.cancel()
