"""One play, carried a step further at each look: built, begun once its documents are read, judged and cleared away at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from marketplace.manifest.envelope import Manifest
from marketplace.manifest.evaluation import CaseDocument
from marketplace.sandbox import staging
from marketplace.sandbox.models.plays import Play
from marketplace.sandbox.results import Result, result_of
from marketplace.sandbox.staging import Stage
from tenants.access import Member
from tenants.errors import DomainError

Judge = Callable[[Result], None]
COPIED = ("status", "problem", "output", "transcript", "provider", "model", "tokens", "cost", "seconds")


@dataclass(frozen=True, slots=True)
class Script:
    """What is played: within `usd` dollars; `judge` is told of the result before it is stored."""

    manifest: Manifest
    inputs: Mapping[str, Any]
    documents: tuple[CaseDocument, ...]
    usd: float
    judge: Judge


def carry_on(play: Play, script: Script, *, by: Member) -> None:
    """Look at a play whose row the caller has locked, in the sandbox's schema. What the house refuses is the play's result."""
    if play.has_ended:
        return
    try:
        with transaction.atomic():
            stage = _next(play, script, by)
    except DomainError as refusal:
        stage = _end(play, Play.State.BROKEN, Result("refused", refusal.detail), script, by)
    play.stage = stage.model_dump(mode="json", exclude_defaults=True)
    play.save()


def _next(play: Play, script: Script, by: Member) -> Stage:
    stage = Stage.model_validate(play.stage)
    if play.state == Play.State.WAITING:
        stage = staging.build(script.manifest, script.documents, name=play.pk.hex, by=by)
        play.started_at = timezone.now()
        play.move_to(Play.State.RUNNING)
    if not stage.has_begun:
        return stage if staging.unread(stage) else staging.begin(stage, script.inputs, usd=script.usd, by=by)
    result = result_of(stage)
    return stage if result is None else _end(play, Play.State.DONE, result, script, by)


def _end(play: Play, state: Play.State, result: Result, script: Script, by: Member) -> Stage:
    _close(play, state, result)
    script.judge(result)
    staging.clear(Stage.model_validate(play.stage), by=by)
    return Stage()


def _close(play: Play, state: Play.State, result: Result) -> None:
    for name in COPIED:
        setattr(play, name, getattr(result, name))
    play.ended_at = timezone.now()
    play.move_to(state)


def break_off(play: Play, reason: str, *, by: Member) -> None:
    """End a play that cannot go on, whose row the caller has locked."""
    _close(play, Play.State.BROKEN, Result("broken", reason))
    staging.clear(Stage.model_validate(play.stage), by=by)
    play.stage = {}
    play.save()
