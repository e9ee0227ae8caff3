"""A run's use of tools: answered from the record where it can be, and what touches the outside is noted before it happens."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from agents.execution.recording import hash_of
from agents.runtimes.outcome import ToolFailed, ToolImpl, User
from agents.tools.registry import Effect as Touches
from projects.ledger import Ledger, Use
from projects.models import Effect

UNKNOWN = "This was begun before, and nobody knows whether it happened. It is not done again; a person has to look."


class ToolRecord:
    """The uses of tools of one run."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._refused: set[str] = set()

    async def refused(self, tool: str, arguments: Mapping[str, Any], user: User, reason: str) -> None:
        """The tool under way was not allowed; its failure is kept as a refusal."""
        self._refused.add(user.key)

    def keep(self, impl: ToolImpl, *, touches: Touches, idempotent: bool = False) -> ToolImpl:
        """The same tool, kept in the record.

        A use that a dead worker left begun is not repeated, unless the tool says that doing it twice is doing it once.
        """
        repeatable = touches != "write" or idempotent
        return ToolImpl(impl.spec, partial(self._run, impl, writes=touches == "write", repeatable=repeatable))

    async def _run(
        self, impl: ToolImpl, arguments: Mapping[str, Any], user: User, *, writes: bool, repeatable: bool
    ) -> str:
        self._ledger.check()
        use = Use(user.key, user.task, user.agent, impl.spec.name, dict(arguments), hash_of(dict(arguments)))
        known = self._ledger.recorded.effect(use.key, use.tool, use.arguments_hash)
        if known is not None and not (repeatable and known.state == Effect.State.NEEDS_REVIEW):
            return from_record(known)
        if writes:
            await self._ledger.effect_begun(use)
        else:
            self._ledger.effect_noted(use)
            await self._ledger.answers_stored()
        return await self._use(impl, use, arguments, user)

    async def _use(self, impl: ToolImpl, use: Use, arguments: Mapping[str, Any], user: User) -> str:
        try:
            answer = await self._ledger.within(impl.run(arguments, user))
        except ToolFailed as failure:
            state = Effect.State.REFUSED if use.key in self._refused else Effect.State.FAILED
            await self._ledger.effect_done(use.key, str(failure), state=state)
            raise
        await self._ledger.effect_done(use.key, answer)
        return answer


def from_record(known: Effect) -> str:
    """The stored answer. Raises ToolFailed where the use had failed, was refused, or is in doubt."""
    if known.state == Effect.State.DONE:
        return known.answer
    raise ToolFailed(UNKNOWN if known.state == Effect.State.NEEDS_REVIEW else known.answer)
