"""The shared context in process."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from agents.protocol.context import (
    GLOBAL,
    MOST_HISTORY,
    MOST_KEYS,
    Change,
    Entry,
    SharedContext,
    check_write,
)
from agents.protocol.errors import TooMuch, VersionConflict

MOST_UNREAD = 1_000


@dataclass(slots=True)
class _Watcher:
    prefix: str
    namespace: str | None
    unread: deque[Change] = field(default_factory=deque)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, change: Change) -> None:
        if self.namespace not in {None, change.namespace} or not change.key.startswith(self.prefix):
            return
        if len(self.unread) >= MOST_UNREAD:
            self.unread.clear()
            self.unread.append(Change("missed", change.namespace))
        self.unread.append(change)
        self.ready.set()


class LocalContext(SharedContext):
    def __init__(self) -> None:
        self._entries: dict[str, dict[str, deque[Entry]]] = {}
        self._revision = 0
        self._watchers: list[_Watcher] = []

    async def get(self, key: str, *, namespace: str = GLOBAL) -> Entry | None:
        found = self._entries.get(namespace, {}).get(key)
        return found[0] if found else None

    async def put(
        self, key: str, value: Any, *, by: str, namespace: str = GLOBAL, expected: int | None = None
    ) -> Entry:
        kept = orjson.loads(check_write(key, value, by=by, namespace=namespace))
        version = self._expected(namespace, key, expected)
        keys = self._entries.setdefault(namespace, {})
        if key not in keys and len(keys) >= MOST_KEYS:
            raise TooMuch(f"A namespace holds at most {MOST_KEYS:,} keys.")
        self._revision += 1
        entry = Entry(key, kept, version + 1, self._revision, by, time.time())
        keys.setdefault(key, deque(maxlen=MOST_HISTORY)).appendleft(entry)
        self._tell(Change("put", namespace, key, entry))
        return entry

    async def delete(self, key: str, *, by: str, namespace: str = GLOBAL, expected: int | None = None) -> bool:
        check_write(key, None, by=by, namespace=namespace)
        if self._expected(namespace, key, expected) == 0:
            return False
        self._revision += 1
        del self._entries[namespace][key]
        self._tell(Change("deleted", namespace, key))
        return True

    async def list(self, prefix: str = "", *, namespace: str = GLOBAL) -> Sequence[Entry]:
        keys = self._entries.get(namespace, {})
        return [keys[key][0] for key in sorted(keys) if key.startswith(prefix)]

    async def history(self, key: str, *, namespace: str = GLOBAL) -> Sequence[Entry]:
        return list(self._entries.get(namespace, {}).get(key, ()))

    async def watch(self, prefix: str = "", *, namespace: str | None = None) -> AsyncIterator[Change]:
        watcher = _Watcher(prefix, namespace)
        self._watchers.append(watcher)
        try:
            while True:
                await watcher.ready.wait()
                while watcher.unread:
                    yield watcher.unread.popleft()
                watcher.ready.clear()
        finally:
            self._watchers.remove(watcher)

    def _expected(self, namespace: str, key: str, expected: int | None) -> int:
        """The version now. Raises VersionConflict when another one was expected."""
        found = self._entries.get(namespace, {}).get(key)
        current = found[0].version if found else 0
        if expected is not None and expected != current:
            raise VersionConflict(key, current)
        return current

    def _tell(self, change: Change) -> None:
        for watcher in self._watchers:
            watcher.tell(change)
