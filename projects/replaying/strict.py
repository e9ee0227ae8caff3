"""A replay that leaves its record stops, and says where and what differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from projects.branching.diffing import diff
from projects.ledger.stops import RunStopped
from projects.models import Effect, ModelCall, Run
from projects.replaying.wording import worded

REASON = "replay_diverged"
LONGEST = 300


class ReplayDiverged(RunStopped):
    """Something was asked that is not on record."""

    def __init__(self, detail: str) -> None:
        super().__init__(Run.Status.FAILED, REASON, detail)


def another_question(run_id: UUID, *, key: str, task: str, agent: str, asked: Mapping[str, Any]) -> ReplayDiverged:
    """For a model call that the record does not answer. Blocks."""
    kept = ModelCall.objects.filter(run_id=run_id, key=key).first()
    if kept is None:
        return ReplayDiverged(f"At the task “{task}” {agent} asked a model once more than in the run that is replayed.")
    return ReplayDiverged(
        f"At the task “{task}” {agent} asked a model something else than in the run that is replayed. "
        f"{_difference(worded(kept.request), worded(asked))}"
    )


def another_use(
    run_id: UUID, *, key: str, task: str, agent: str, tool: str, arguments: Mapping[str, Any]
) -> ReplayDiverged:
    """For the use of a tool that the record does not answer. Blocks."""
    kept = Effect.objects.filter(run_id=run_id, key=key).first()
    if kept is None:
        return ReplayDiverged(f"At the task “{task}” {agent} used {tool}, which the run that is replayed did not.")
    before, after = f"{kept.tool} {kept.arguments}", f"{tool} {dict(arguments)}"
    return ReplayDiverged(f"At the task “{task}” {agent} used a tool otherwise. {_difference(before, after)}")


def another_person(*, task: str, text: str) -> ReplayDiverged:
    """For a question to a person that is not on record: a replay never waits."""
    return ReplayDiverged(
        f"At the task “{task}” a person is asked, which the run that is replayed did not do: {text[:LONGEST]}"
    )


def _difference(before: str, after: str) -> str:
    pieces = diff(before, after)
    removed = next((piece.text for piece in pieces if piece.change == "removed"), "")
    added = next((piece.text for piece in pieces if piece.change == "added"), "")
    parts = [
        f"Then: “{removed.strip()[:LONGEST]}”." if removed.strip() else "",
        f"Now: “{added.strip()[:LONGEST]}”." if added.strip() else "",
    ]
    return " ".join(part for part in parts if part)
