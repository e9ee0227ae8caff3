"""A simulated agent: a body in some world, and a policy that decides for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from simulations.engine.coded_decisions import DecisionPolicy

Body = TypeVar("Body")


@dataclass(slots=True)
class HybridAgent(Generic[Body]):
    """Composition, not inheritance: any Mesa agent becomes hybrid by being given a policy.

    `row` is its line in the state columns; replacing `policy` changes how it decides from the next step on.
    """

    row: int
    body: Body
    archetype: str
    policy: DecisionPolicy
