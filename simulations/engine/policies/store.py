"""Answers that were paid for, kept before they are used."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from simulations.engine.decisions import Decision, DecisionStore


class MemoryStore:
    """Answers for as long as the process lives."""

    def __init__(self) -> None:
        self._known: dict[bytes, Decision] = {}

    async def get_many(self, keys: Sequence[bytes]) -> Mapping[bytes, Decision]:
        return {key: self._known[key] for key in keys if key in self._known}

    async def put_many(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            self._known.setdefault(decision.key, decision)


class Keeper:
    """Keeps answers as they come, those that come together in one go. For one batch of questions."""

    def __init__(self, store: DecisionStore) -> None:
        self._store = store
        self._pending: list[Decision] = []
        self._writing = asyncio.Lock()

    async def keep(self, decision: Decision) -> None:
        """On return the answer survives a crash."""
        self._pending.append(decision)
        async with self._writing:
            together, self._pending = self._pending, []
            if together:
                await self._store.put_many(together)
