"""Ports that lead nowhere, for plays that were given none: nobody answers, and it is said."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from simulations.engine.decisions import CrewQuestion, Decision, DecisionRequest, ModelAnswer, ModelFailed, Question


class NoModels:
    async def ask(self, question: Question) -> ModelAnswer:
        raise ModelFailed("unavailable", "This play has no way to a language model.")


class NoCrews:
    async def deliberate(self, question: CrewQuestion) -> ModelAnswer:
        raise ModelFailed("unavailable", "This play has no way to a crew.")


class NoSeats:
    async def answers(self, requests: Sequence[DecisionRequest]) -> Mapping[bytes, Decision]:
        return {}

    def seconds_waited(self, key: bytes) -> float:
        return math.inf
