"""What the engine refuses, each with a sentence for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong: where (`parameters.threshold`), a word for machines, a sentence for people."""

    path: str
    code: str
    detail: str


class SimulationError(Exception):
    """Something that the engine will not do."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class ParametersRefused(SimulationError):
    """Parameters outside what the scenario declares; `refusals` names every one of them."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(" ".join(refusal.detail for refusal in refusals))
        self.refusals = tuple(refusals)


class UnknownPolicy(SimulationError):
    """The scenario does not offer that way of deciding."""


class CheckpointRefused(SimulationError):
    """A checkpoint of another scenario, another version, or one that was damaged."""
