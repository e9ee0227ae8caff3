"""Answers that a workspace has paid for: in PostgreSQL before they are used, in Redis so that they are found at once.

They belong to one workspace and one version of a scenario; no other workspace ever sees them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

import orjson
from django.db.models import Q
from redis.asyncio import Redis

from agents.connections import house
from agents.llm.shared import Away
from projects.work.threads import in_workspace
from simulations.engine.decisions import Decision, Exchange, Option
from simulations.models import Answer

REDIS_SECONDS = 86_400


class WorkspaceAnswers:
    """The engine's store of decisions for one workspace and one digest of a scenario."""

    def __init__(self, schema: str, scenario_digest: str) -> None:
        self._schema = schema
        self._digest = scenario_digest

    async def get_many(self, keys: Sequence[bytes]) -> dict[bytes, Decision]:
        """One MGET; what Redis has not is read from the table in one query, and put there."""
        found = await self._quick(keys)
        missing = [key for key in keys if key not in found]
        if missing:
            kept = await in_workspace(self._schema, self._read, missing)
            await self._remember(kept)
            found |= {decision.key: decision for decision in kept}
        return found

    async def put_many(self, decisions: Sequence[Decision]) -> None:
        """On return they survive a crash. An answer that is there already stays as it is."""
        if decisions:
            await in_workspace(self._schema, self._write, decisions)
            await self._remember(decisions)

    def _read(self, keys: Sequence[bytes]) -> list[Decision]:
        rows = Answer.objects.filter(Q(scenario_digest=self._digest) & Q(key__in=list(keys)))
        return [decision_of(row) for row in rows]

    def _write(self, decisions: Sequence[Decision]) -> None:
        rows = [Answer(scenario_digest=self._digest, **columns_of(decision)) for decision in decisions]
        Answer.objects.bulk_create(rows, ignore_conflicts=True)

    async def _quick(self, keys: Sequence[bytes]) -> dict[bytes, Decision]:
        async def look(client: Redis) -> list[bytes | str | None]:
            return await client.mget([self._place(key) for key in keys])

        try:
            packed = await house.memory().ask(look) if keys else []
        except Away:
            return {}
        return {key: _unpacked(key, each) for key, each in zip(keys, packed, strict=False) if isinstance(each, bytes)}

    async def _remember(self, decisions: Sequence[Decision]) -> None:
        async def keep(client: Redis) -> None:
            async with client.pipeline(transaction=False) as pipe:
                for decision in decisions:
                    pipe.set(self._place(decision.key), _packed(decision), ex=REDIS_SECONDS)
                await pipe.execute()

        try:
            if decisions:
                await house.memory().ask(keep)
        except Away:
            return

    def _place(self, key: bytes) -> str:
        return f"simulations:answer:{self._schema}:{self._digest}:{key.hex()}"


def columns_of(decision: Decision) -> dict[str, Any]:
    """A decision as the columns of a row; its play, step and agents are not among them."""
    return {
        "key": decision.key,
        "options": [[option.action, dict(option.args), option.weight] for option in decision.options],
        "reason": decision.reason,
        "exchange": None if decision.exchange is None else asdict(decision.exchange),
        "calls": decision.calls,
        "prompt_tokens": decision.prompt_tokens,
        "completion_tokens": decision.completion_tokens,
        "cost": decision.cost,
        "seconds": decision.seconds,
        "source": decision.source,
        "lasting": decision.lasting,
    }


def decision_of(row: Any) -> Decision:
    """The other way, from a row of either table."""
    return Decision(
        options=options_of(row.options),
        source=row.source,
        key=bytes(row.key),
        reason=row.reason,
        calls=row.calls,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        cost=Decimal(row.cost),
        seconds=row.seconds,
        lasting=row.lasting,
        exchange=None if row.exchange is None else Exchange(**row.exchange),
    )


def options_of(kept: Sequence[Sequence[Any]]) -> tuple[Option, ...]:
    return tuple(Option(action, args, weight) for action, args, weight in kept)


def _packed(decision: Decision) -> bytes:
    """Without the exchange, which is long and in the table."""
    held = columns_of(replace(decision, exchange=None, key=b""))
    return orjson.dumps({**held, "key": None, "cost": str(decision.cost)})


def _unpacked(key: bytes, packed: bytes) -> Decision:
    held: Mapping[str, Any] = orjson.loads(packed)
    return Decision(
        **{
            **held,
            "key": key,
            "cost": Decimal(held["cost"]),
            "options": options_of(held["options"]),
        }
    )
