"""How large a scenario may be. Whoever runs it hands in their own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`agents` in a play, `steps` of a play, `work` = agents x steps, `sweep_runs` = points x seeds of a sweep."""

    agents: int = 1_000_000
    steps: int = 1_000_000
    work: int = 1_000_000_000
    sweep_runs: int = 10_000


LIMITS = Limits()
