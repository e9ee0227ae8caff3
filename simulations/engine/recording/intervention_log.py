"""What was done to a play from outside, in the order in which it was done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulations.engine.interventions import Intervention


class InterventionLog:
    """Acts by step; those of one step in the order in which they came."""

    def __init__(self, acts: Iterable[Intervention] = ()) -> None:
        self._acts = sorted(acts, key=lambda act: act.step)

    def __iter__(self) -> Iterator[Intervention]:
        return iter(self._acts)

    def __len__(self) -> int:
        return len(self._acts)

    def add(self, act: Intervention) -> None:
        """Raises ValueError for an act of a step before the last one on record: the past does not change."""
        if self._acts and act.step < self._acts[-1].step:
            raise ValueError(f"Step {act.step} is over: the last act on record is of step {self._acts[-1].step}.")
        self._acts.append(act)

    def at(self, step: int) -> list[Intervention]:
        """What counts from the start of this step."""
        return [act for act in self._acts if act.step == step]

    def until(self, step: int) -> InterventionLog:
        """A copy of what was done up to and with that step: where a branch begins."""
        return InterventionLog(act for act in self._acts if act.step <= step)
