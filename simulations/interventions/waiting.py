"""The questions that a play rests for: kept with the play, so that they survive every worker.

`Simulation.waiting` is `{"questions": [...], "seconds": s}`: after that many seconds, if any, nobody is waited for longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from simulations.engine.decisions import DecisionRequest
from simulations.models import Simulation

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What one agent sees and may do, put to a person. `key` is hexadecimal, `asked_at` ISO 8601."""

    key: str
    archetype: str
    agent: int
    step: int
    observation: Mapping[str, Any]
    legal: list[str]
    messages: list[str] = field(default_factory=list)
    asked_at: str = ""

    @property
    def seconds(self) -> float:
        """How long it has stood."""
        return (timezone.now() - datetime.fromisoformat(self.asked_at)).total_seconds()


def questions_of(simulation: Simulation) -> list[Question]:
    return [Question(**each) for each in (simulation.waiting or {}).get("questions", [])]


def waiting_for(requests: Iterable[DecisionRequest], before: Iterable[Question]) -> dict[str, Any]:
    """The column: what stood already keeps the moment when it was asked."""
    asked = {each.key: each.asked_at for each in before}
    now = timezone.now().isoformat()
    questions = [
        Question(
            key=each.key.hex(),
            archetype=each.archetype,
            agent=each.row,
            step=each.step,
            observation=dict(each.observation),
            legal=list(each.legal),
            messages=list(each.messages),
            asked_at=asked.get(each.key.hex(), now),
        )
        for each in requests
    ]
    return {"questions": [asdict(each) for each in questions]}


def without(waiting: Mapping[str, Any] | None, key: str) -> dict[str, Any] | None:
    """The column after one question was answered; None when that was the last."""
    left = [each for each in (waiting or {}).get("questions", []) if each["key"] != key]
    return {**(waiting or {}), "questions": left} if left else None


def shown(waiting: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """What watchers are told: at most 20 questions, without their keys."""
    questions = (waiting or {}).get("questions", [])[:MOST_SHOWN]
    return [{name: value for name, value in each.items() if name != "key"} for each in questions]
