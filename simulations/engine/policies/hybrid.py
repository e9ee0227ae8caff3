"""Several policies by turns: a rule for most, a model where it matters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.engine.batches import Batch
from simulations.engine.decisions import Decision, DecisionPolicy, DecisionRequest, Word
from simulations.engine.expressions import Expression
from simulations.engine.keys import digest_of
from simulations.engine.policies.seeing import column_values
from simulations.engine.randomness import Ints

Scalar = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Way:
    """`use` decides where `when` holds (by archetype), of what no way above has taken; None: always."""

    use: DecisionPolicy
    when: Mapping[str, Expression] | None = None


class HybridPolicy:
    """Routes each situation to the first way that is open to it; the last one must always be.

    It is `individual` only where every way is: route first (`simulations.engine.asking.parts_of`), then ask each way as
    what it is.
    """

    def __init__(self, name: str, ways: Sequence[Way], *, parameters: Mapping[str, Word]) -> None:
        if ways[-1].when is not None:
            raise ValueError("The last way of a hybrid policy must be open to all.")
        self.name = name
        self.ways = tuple(way.use for way in ways)
        self.parameters = parameters
        self.individual = all(policy.individual for policy in self.ways)
        self._gates = [way.when for way in ways]
        self._scalars = [_compiled(gates) for gates in self._gates]

    @property
    def fingerprint(self) -> bytes:
        return digest_of("hybrid", self.name, *(policy.fingerprint for policy in self.ways))

    def route(self, request: DecisionRequest) -> int:
        """Which way this situation takes."""
        seeing = {**self.parameters, **request.observation, "salience": request.salience}
        seeing |= {"step": request.step, "time": request.time, "stage": request.stage}
        return next(
            number for number, gates in enumerate(self._scalars) if gates is None or gates[request.archetype](seeing)
        )

    def route_columns(
        self, batch: Batch, places: Ints, *, salience: NDArray[Any] | None, moment: Mapping[str, Word]
    ) -> Ints:
        """Which way each of these places of the batch takes; equal to `route`, one by one."""
        open_to_all = next(number for number, gates in enumerate(self._gates) if gates is None)
        taken = np.full(places.size, open_to_all, np.int64)
        left = np.arange(places.size)
        fields = {**batch.fields, "salience": np.zeros(batch.rows.size) if salience is None else salience}
        seeing = {**self.parameters, "step": batch.step, **moment}
        for number, gates in enumerate(self._gates):
            if gates is None or not left.size:
                break
            gate = gates[batch.archetype]
            at = places[left]
            values = column_values(gate, fields, seeing, None if at.size == batch.rows.size else at)
            is_open = gate.columns()(values, None, at.size)
            taken[left[is_open]] = number
            left = left[~is_open]
        return taken

    async def decide_batch(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        """All ways at once; if one is interrupted, the others finish first, for what they asked is paid."""
        routes = [self.route(request) for request in requests]
        parts = [[r for r, way in zip(requests, routes, strict=True) if way == n] for n in range(len(self.ways))]
        busy = [(way, part) for way, part in zip(self.ways, parts, strict=True) if part]
        answers = await asyncio.gather(*(way.decide_batch(part) for way, part in busy), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        order = [place for n in range(len(self.ways)) for place, way in enumerate(routes) if way == n]
        found = [decision for answer in answers if isinstance(answer, list) for decision in answer]
        return [decision for _, decision in sorted(zip(order, found, strict=True), key=lambda pair: pair[0])]


def _compiled(gates: Mapping[str, Expression] | None) -> dict[str, Scalar] | None:
    return None if gates is None else {archetype: gate.scalar() for archetype, gate in gates.items()}
