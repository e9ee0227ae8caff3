"""What individuals remember: their last situations, what they did and why, what they were told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulations.engine.decisions import Decision, DecisionRequest, Option
from simulations.engine.policies.wording import spoken

Entry = tuple[int, str]


class Memory:
    """At most `most` entries for each agent, one for a step; it outlives a checkpoint."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._entries: dict[int, list[Entry]] = {}

    def recall(self, row: int, *, before: int) -> str:
        """What the agent remembers of the steps before that one, a line for each, the oldest first."""
        entries = self._entries.get(row, ())
        return "\n".join(f"- Step {step}: {text}" for step, text in entries if step < before)

    def remember(self, request: DecisionRequest, decision: Decision) -> None:
        """Asked again in the same step, an agent remembers only the last time."""
        if not self.most:
            return
        kept = [entry for entry in self._entries.get(request.row, ()) if entry[0] < request.step]
        self._entries[request.row] = [*kept, (request.step, _told(request, decision))][-self.most :]

    def snapshot(self) -> dict[str, Any]:
        return {str(row): entries for row, entries in self._entries.items()}

    def restore(self, kept: Mapping[str, Sequence[Sequence[Any]]]) -> None:
        self._entries = {int(row): [(int(step), str(text)) for step, text in entries] for row, entries in kept.items()}


def _told(request: DecisionRequest, decision: Decision) -> str:
    seen = ", ".join(f"{name} {spoken(value)}" for name, value in request.observation.items())
    parts = [f"you saw {seen}" if seen else "", *(f"you were told “{text}”" for text in request.messages)]
    parts.append(f"you did {_done(decision.options[0])}" if len(decision.options) == 1 else "you followed a habit")
    if decision.reason and decision.source != "fallback":
        parts.append(f"because “{decision.reason}”")
    return "; ".join(part for part in parts if part) + "."


def _done(option: Option) -> str:
    given = ", ".join(f"{name} {spoken(value)}" for name, value in option.args.items())
    return f"{option.action} ({given})" if given else option.action
