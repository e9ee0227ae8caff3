"""What the engine refuses, each with a sentence for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from simulations.engine.decisions import DecisionRequest


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong: where (`parameters.threshold`), a word for machines, a sentence for people, the line of a text."""

    path: str
    code: str
    detail: str
    line: int | None = None


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


class PlayInterrupted(SimulationError):
    """A step cannot be finished now, and nothing of it happened: the play is to `pause`, or to `stop` for good.

    `reason` is a word for machines: `person`, `over_budget`, `models_unavailable`.
    """

    def __init__(self, detail: str, *, reason: str, then: Literal["pause", "stop"]) -> None:
        super().__init__(detail)
        self.reason = reason
        self.then = then


class WaitingForPerson(PlayInterrupted):
    """People are asked for these decisions and have not answered yet."""

    def __init__(self, requests: Sequence[DecisionRequest]) -> None:
        super().__init__(_asked(len(requests)), reason="person", then="pause")
        self.requests = tuple(requests)


def _asked(count: int) -> str:
    return "A person is asked to decide." if count == 1 else f"People are asked for {count} decisions."
