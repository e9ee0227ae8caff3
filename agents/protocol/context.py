"""What agents share: values under names, with versions, so that nobody overwrites what they have not read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from agents.protocol.errors import BadMessage, NotAllowed, TooMuch
from agents.protocol.messages import check_name

GLOBAL = ""
"""The namespace that everybody of the scope reads and writes; any other belongs to the agent of its name."""

LONGEST_KEY, LONGEST_VALUE, MOST_KEYS, MOST_HISTORY = 200, 64 * 1024, 1_000, 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A value. `version` counts the writes of its key from 1, `revision` all writes of the scope; `at`: seconds since 1970."""

    key: str
    value: Any
    version: int
    revision: int
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class Change:
    """What a watcher is told. `missed` means that there were more changes than could be kept: read what you need again."""

    kind: Literal["put", "deleted", "missed"]
    namespace: str
    key: str = ""
    entry: Entry | None = None


class SharedContext(ABC):
    """The context of one scope, as its host holds it; an agent gets a `View`."""

    @abstractmethod
    async def get(self, key: str, *, namespace: str = GLOBAL) -> Entry | None: ...

    @abstractmethod
    async def put(
        self, key: str, value: Any, *, by: str, namespace: str = GLOBAL, expected: int | None = None
    ) -> Entry:
        """Write. With `expected` only if the version is that one, 0 meaning that there is none. Raises VersionConflict, TooMuch, BadMessage."""

    @abstractmethod
    async def delete(self, key: str, *, by: str, namespace: str = GLOBAL, expected: int | None = None) -> bool:
        """False when there was nothing. Raises VersionConflict. The history of the key goes with it."""

    @abstractmethod
    async def list(self, prefix: str = "", *, namespace: str = GLOBAL) -> Sequence[Entry]:
        """What there is, by key."""

    @abstractmethod
    async def history(self, key: str, *, namespace: str = GLOBAL) -> Sequence[Entry]:
        """The last versions of a key, newest first."""

    @abstractmethod
    def watch(self, prefix: str = "", *, namespace: str | None = None) -> AsyncIterator[Change]:
        """Changes from the first `anext` on; None watches all namespaces. Close the iterator when done."""


class View:
    """The context as one agent sees it: what is shared, and a namespace of its own that others cannot read."""

    def __init__(self, context: SharedContext, agent: str) -> None:
        self._context, self.agent = context, check_name(agent)

    def _namespace(self, own: bool) -> str:  # noqa: FBT001 - one word, said by name in the methods below
        return self.agent if own else GLOBAL

    async def get(self, key: str, *, own: bool = False) -> Entry | None:
        return await self._context.get(key, namespace=self._namespace(own))

    async def put(self, key: str, value: Any, *, own: bool = False, expected: int | None = None) -> Entry:
        return await self._context.put(key, value, by=self.agent, namespace=self._namespace(own), expected=expected)

    async def delete(self, key: str, *, own: bool = False, expected: int | None = None) -> bool:
        return await self._context.delete(key, by=self.agent, namespace=self._namespace(own), expected=expected)

    async def list(self, prefix: str = "", *, own: bool = False) -> Sequence[Entry]:
        return await self._context.list(prefix, namespace=self._namespace(own))

    async def history(self, key: str, *, own: bool = False) -> Sequence[Entry]:
        return await self._context.history(key, namespace=self._namespace(own))


def check_write(key: str, value: Any, *, by: str, namespace: str) -> bytes:
    """The value as JSON. Raises TooMuch, BadMessage, NotAllowed (a namespace of somebody else)."""
    check_name(by)
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise TooMuch(f"A key has 1 to {LONGEST_KEY} printable characters.")
    if namespace not in {GLOBAL, by}:
        raise NotAllowed(f"Only {namespace} writes there.")
    try:
        encoded = orjson.dumps(value)
    except TypeError as error:
        raise BadMessage(f"A value is JSON: {error}.") from error
    if len(encoded) > LONGEST_VALUE:
        raise TooMuch(f"A value has at most {LONGEST_VALUE:,} bytes; this one has {len(encoded):,}.")
    return encoded
