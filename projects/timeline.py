"""When the parts of a run happened: tasks, the model and tool calls in them, and the time it waited for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.db.models import QuerySet
from django.utils import timezone

from projects.cards import spoken
from projects.models import AgentRun, Effect, ModelCall, Question, Run

MOST_BARS = 500
WIDE = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """One span of time. `begin` and `width` are thousandths of the run's whole time; `start` is seconds after its beginning."""

    kind: str
    label: str
    detail: str
    start: float
    seconds: float
    begin: int
    width: int
    failed: bool


@dataclass(frozen=True, slots=True)
class _Span:
    kind: str
    label: str
    detail: str
    began: datetime
    ended: datetime
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars in the order of their beginnings; `left_out` says how many more there are than are shown."""

    bars: list[Bar]
    seconds: float
    left_out: int


def timeline_of(run: Run) -> Timeline:
    """An empty timeline for a run that has not begun."""
    if run.started_at is None:
        return Timeline([], 0.0, 0)
    now = run.finished_at or timezone.now()
    spans = sorted(
        chain(_tasks(run, now), _models(run), _tools(run, now), _waits(run, now)), key=lambda span: span.began
    )
    shown = spans[:MOST_BARS]
    whole = max((now - run.started_at).total_seconds(), 0.001)
    return Timeline([_bar(span, run.started_at, whole) for span in shown], whole, len(spans) - len(shown))


def _bar(span: _Span, began: datetime, whole: float) -> Bar:
    start = max((span.began - began).total_seconds(), 0.0)
    seconds = max((span.ended - span.began).total_seconds(), 0.0)
    begin = min(int(start / whole * WIDE), WIDE - 2)
    width = max(2, min(int(seconds / whole * WIDE), WIDE - begin))
    return Bar(span.kind, span.label, span.detail, start, seconds, begin, width, span.failed)


def _tasks(run: Run, now: datetime) -> Iterator[_Span]:
    for work in run.agent_runs.all():
        failed = work.status in {AgentRun.Status.FAILED, AgentRun.Status.INTERRUPTED}
        again = f", attempt {work.attempt}" if work.attempt > 1 else ""
        yield _Span(
            "task", f"{spoken(work.task)}{again}", spoken(work.agent), work.started_at, work.finished_at or now, failed
        )


def _models(run: Run) -> Iterator[_Span]:
    calls: QuerySet[ModelCall] = run.model_calls.defer("request", "reply").filter(created_at__gte=run.started_at)
    for call in calls[: MOST_BARS + 1]:
        tokens = f"{call.prompt_tokens + call.completion_tokens:,} tokens"
        detail = f"{tokens}, from the cache" if call.cache_layer else tokens
        yield _Span("model", call.model, detail, call.created_at - timedelta(seconds=call.seconds), call.created_at)


def _tools(run: Run, now: datetime) -> Iterator[_Span]:
    uses: QuerySet[Effect] = run.effects.defer("arguments", "answer").filter(created_at__gte=run.started_at)
    for use in uses[: MOST_BARS + 1]:
        failed = use.state in {Effect.State.FAILED, Effect.State.REFUSED, Effect.State.NEEDS_REVIEW}
        ended = use.done_at or (now if use.state == Effect.State.INTENDED else use.created_at)
        yield _Span("tool", spoken(use.tool), use.get_state_display(), use.created_at, ended, failed)


def _waits(run: Run, now: datetime) -> Iterator[_Span]:
    asked: Iterable[Question] = run.questions.all()
    for question in asked:
        ended = question.answered_at or (now if question.status == Question.Status.OPEN else question.updated_at)
        who = f"answered by {question.answered_by}" if question.answered_by else question.get_status_display()
        yield _Span("wait", "Waited for a person", who, question.created_at, ended)
