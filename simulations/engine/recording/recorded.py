"""A policy that keeps a record: what the log knows is not asked again, what is new is written down before it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from simulations.engine.decisions import Decision, DecisionPolicy, DecisionRequest
from simulations.engine.errors import SimulationError
from simulations.engine.recording.decision_log import DecisionLog, Entry, free


@runtime_checkable
class Remembering(Protocol):
    """A policy whose agents remember; what it remembers is part of a checkpoint."""

    def remember(self, request: DecisionRequest, decision: Decision) -> None: ...

    def snapshot(self) -> dict[str, Any]: ...

    def restore(self, kept: Mapping[str, Any]) -> None: ...


class UnknownDecision(SimulationError):
    """A replay came to a situation that the recorded play never decided: it has left the path."""

    def __init__(self, request: DecisionRequest) -> None:
        super().__init__(
            f"In step {request.step}, {request.archetype} {request.row} is in a situation that is not in the log: "
            f"{dict(request.observation)}."
        )
        self.request = request


class Recorded:
    """Another policy, with the log before it. What comes out of the log for this very step is given as it was."""

    def __init__(self, policy: DecisionPolicy, log: DecisionLog) -> None:
        self.policy = policy
        self.log = log

    @property
    def name(self) -> str:
        return self.policy.name

    @property
    def individual(self) -> bool:
        return self.policy.individual

    @property
    def fingerprint(self) -> bytes:
        return self.policy.fingerprint

    async def decide_batch(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        known = [self.log.known(request.step, request.key) for request in requests]
        missing = [request for request, decision in zip(requests, known, strict=True) if decision is None]
        found = iter(await self._decided(missing) if missing else [])
        decisions = [next(found) if decision is None else decision for decision in known]
        self._remember(requests, decisions)
        return decisions

    def snapshot(self) -> dict[str, Any]:
        return self.policy.snapshot() if isinstance(self.policy, Remembering) else {}

    def restore(self, kept: Mapping[str, Any]) -> None:
        if isinstance(self.policy, Remembering):
            self.policy.restore(kept)

    async def _decided(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        decisions = await self.policy.decide_batch(requests)
        for request, decision in zip(requests, decisions, strict=True):
            kept = replace(decision, key=request.key)
            self.log.add(Entry(request.step, request.archetype, request.row, request.count, kept))
        return decisions

    def _remember(self, requests: Sequence[DecisionRequest], decisions: Sequence[Decision]) -> None:
        if isinstance(self.policy, Remembering):
            for request, decision in zip(requests, decisions, strict=True):
                self.policy.remember(request, decision)


class ReplayPolicy(Recorded):
    """Stands where another policy stood and gives what it decided then. Nobody is asked."""

    async def _decided(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        """Raises UnknownDecision."""
        raise UnknownDecision(requests[0])

    async def decide_batch(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        return [free(decision, "replay") for decision in await super().decide_batch(requests)]
