"""Where messages are kept: the bus tells every message and every death, somebody else writes them down, in batches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol

from agents.protocol.messages import Message

log = logging.getLogger("guildhall.protocol")

State = Literal["sent", "dead"]


@dataclass(frozen=True, slots=True)
class Record:
    """A message and what became of it. The same message may be told twice: when it is sent, and when it dies.

    `heard`: in how many inboxes it was put.
    """

    message: Message
    state: State = "sent"
    note: str = ""
    is_new: bool = True
    heard: int = 0


class History(Protocol):
    """A host's place for messages."""

    def add(self, record: Record) -> None:
        """Take a record and return at once."""
        ...

    async def room(self) -> None:
        """Return when more may be added; a sender waits here while the writer is behind."""
        ...


class Nowhere:
    """Keeps nothing."""

    def add(self, record: Record) -> None:
        """The record is forgotten."""

    async def room(self) -> None:
        """There is always room."""


Save = Callable[[Sequence[Record]], Awaitable[None]]


class Batched:
    """Gathers records and saves them together: at most `wait` seconds later, at most `most` at a time, in order.

    A save that fails is tried again until it succeeds; meanwhile up to `capacity` records wait, then the senders do.
    """

    def __init__(self, save: Save, *, wait: float = 0.02, most: int = 2_000, capacity: int = 20_000) -> None:
        self._save, self._wait, self._most, self._capacity = save, wait, most, capacity
        self._waiting: list[Record] = []
        self._writer: asyncio.Task[None] | None = None
        self._has_room = asyncio.Event()
        self._has_room.set()

    def add(self, record: Record) -> None:
        self._waiting.append(record)
        if len(self._waiting) >= self._capacity:
            self._has_room.clear()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def room(self) -> None:
        if not self._has_room.is_set():
            await self._has_room.wait()

    async def saved(self) -> None:
        """Return when everything added so far is saved."""
        while self._writer is not None and not self._writer.done():
            await asyncio.shield(self._writer)

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._wait if len(self._waiting) < self._most else 0)
            batch = self._waiting[: self._most]
            await self._save_until_done(batch)
            del self._waiting[: len(batch)]
            self._has_room.set()

    async def _save_until_done(self, batch: Sequence[Record]) -> None:
        delay = 0.1
        while True:
            try:
                return await self._save(batch)
            except Exception:  # the store is the host's: whatever it raises, the records are not thrown away
                log.exception("%d messages could not be stored; trying again", len(batch))
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5.0)

    async def aclose(self, *, seconds: float = 10.0) -> None:
        """Save what waits, then stop; what cannot be saved in `seconds` is given up."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.saved(), seconds)
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
