"""Which decision was taken in which step: consulted before anybody is asked, so that nothing is asked twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from simulations.engine.decisions import ZERO, Decision, Source


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision on record: in which step it was taken, for which archetype, for how many agents at once (`row` the first)."""

    step: int
    archetype: str
    row: int
    count: int
    decision: Decision


class DecisionLog:
    """All decisions of a play that did not come from a rule, by step and key; a lasting one from its step on.

    `fresh()` hands over what was added since it was last called, for whoever keeps the log.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: dict[tuple[int, bytes], Entry] = {}
        self._lasting: dict[bytes, Entry] = {}
        self._fresh: list[Entry] = []
        for entry in entries:
            self._enter(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        """In the order of the steps."""
        return iter(sorted(self._entries.values(), key=lambda entry: entry.step))

    def known(self, step: int, key: bytes) -> Decision | None:
        """The decision as it was taken in this step; or one that lasts, at no cost, as if out of a cache."""
        entry = self._entries.get((step, key))
        if entry is not None:
            return entry.decision
        lasting = self._lasting.get(key)
        if lasting is None or lasting.step > step:
            return None
        return free(lasting.decision, "cache")

    def add(self, entry: Entry) -> None:
        if self._enter(entry):
            self._fresh.append(entry)

    def fresh(self) -> list[Entry]:
        fresh, self._fresh = self._fresh, []
        return fresh

    def until(self, step: int) -> DecisionLog:
        """A copy of what was decided up to and with that step: where a branch begins."""
        return DecisionLog(entry for entry in self._entries.values() if entry.step <= step)

    def _enter(self, entry: Entry) -> bool:
        place = (entry.step, entry.decision.key)
        if place in self._entries:
            return False
        self._entries[place] = entry
        if entry.decision.lasting:
            first = self._lasting.get(entry.decision.key)
            if first is None or first.step > entry.step:
                self._lasting[entry.decision.key] = entry
        return True


def free(decision: Decision, source: Source) -> Decision:
    """The same decision, out of a record: nobody is paid for it again."""
    return replace(decision, source=source, calls=0, prompt_tokens=0, completion_tokens=0, cost=ZERO, seconds=0.0)
