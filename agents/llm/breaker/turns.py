"""Who of those that wait for the same may ask: one at a time on each event loop."""

from __future__ import annotations

import asyncio
import threading
from weakref import WeakKeyDictionary, WeakValueDictionary


class Turns:
    """Locks by name and event loop, each as long as somebody holds it or waits."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakValueDictionary[str, asyncio.Lock]] = (
            WeakKeyDictionary()
        )

    def of(self, name: str) -> asyncio.Lock:
        with self._guard:
            locks = self._loops.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
            lock = locks.get(name)
            if lock is None:
                lock = locks[name] = asyncio.Lock()
            return lock
