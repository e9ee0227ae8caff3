"""People who sit in an agent's place: what they have answered, and for how long they have been asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from projects.work.threads import in_workspace
from simulations.engine.decisions import Decision, DecisionRequest, Option
from simulations.interventions.waiting import questions_of
from simulations.models import Intervention, Simulation


class PlaySeats:
    """The engine's port to the people of one play."""

    def __init__(self, schema: str, simulation_id: UUID) -> None:
        self._schema = schema
        self._simulation_id = simulation_id
        self._waited: dict[bytes, float] = {}

    async def answers(self, requests: Sequence[DecisionRequest]) -> Mapping[bytes, Decision]:
        """By key. An answer is looked for in the step that it was asked in."""
        steps = {request.step for request in requests}
        given, self._waited = await in_workspace(self._schema, self._read, steps)
        return {request.key: given[request.key] for request in requests if request.key in given}

    def seconds_waited(self, key: bytes) -> float:
        """As of the last look at the answers; nothing for a question that does not stand yet."""
        return self._waited.get(key, 0.0)

    def _read(self, steps: set[int]) -> tuple[dict[bytes, Decision], dict[bytes, float]]:
        rows = Intervention.objects.filter(
            simulation_id=self._simulation_id, kind=Intervention.Kind.SEAT, step__in=steps
        ).order_by("number")
        given = [decision_in(row.value, row.by) for row in rows if isinstance(row.value, dict)]
        asked = questions_of(Simulation.objects.only("waiting").get(pk=self._simulation_id))
        waited = {bytes.fromhex(question.key): question.seconds for question in asked}
        return {decision.key: decision for decision in given}, waited


def decision_in(value: Mapping[str, Any], by: str) -> Decision:
    """The decision that an answer is."""
    option = Option(value["action"], value.get("args", {}))
    return Decision((option,), "human", bytes.fromhex(value["key"]), reason=f"Decided by {by}.")
