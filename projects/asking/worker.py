"""The worker's side: ask, and wait without a worker until somebody has answered."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from projects import events
from projects.asking import telling
from projects.asking.timing import let_rest, times_of, wake_for
from projects.asking.words import Answer, Ask
from projects.events import line
from projects.models import Question, Run
from projects.webhooks.announcing import announce_run
from projects.work import queue
from projects.work.leases import LeaseLost
from tenants.clock import database_now

RUNS = "crews"
NOBODY = "Nobody answered in time."
JUDGED = ("tool", "arguments")


class Unanswered(Exception):
    """Nobody answered in time, and it was agreed that the run fails then; `detail` is a sentence."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def ask(run_id: UUID, wanted: Ask, *, fence: int) -> Answer | None:
    """The answer of a question with this key; None when there is none yet, and then the question stands open.

    Raises LeaseLost when the run belongs to another worker, Unanswered when its deadline passed while the run was at other work. Whoever gets
    None stops, and calls `suspend`.
    """
    with transaction.atomic():
        run = _owned(run_id, fence)
        question = Question.objects.filter(run=run, key=wanted.key).first()
        if question is None or not _is_same(question, wanted):
            question = _open(run, wanted, instead=question)
    if _ends(question) and run.origin != Run.Origin.REPLAY:
        raise Unanswered(unanswered(question))
    return None if question.answer is None else Answer.from_json(question.answer)


def suspend(run_id: UUID, *, fence: int, keys: Collection[str]) -> bool:
    """Let go of a run that got None for the questions `keys`: it waits (True), or an answer came meanwhile and it is queued (False).

    A run that somebody cancelled meanwhile is left to its owner, who sees that at its next look: it is queued, too.
    """
    with transaction.atomic():
        run = _owned(run_id, fence)
        asked = Question.objects.filter(run=run, key__in=keys)
        if run.cancel_requested_at is not None or asked.exclude(status=Question.Status.OPEN).exists():
            run.move_to(Run.Status.QUEUED)
            queue.enqueue(kind=run.kind, object_id=run.pk, queue=RUNS)
        else:
            run.move_to(Run.Status.WAITING)
            run.waiting_since = database_now()
        run.save(update_fields=["status", "waiting_since", "updated_at"])
        events.append(run.pk, [line("run.status", status=run.status)])
        if run.status == Run.Status.WAITING:
            announce_run(run, "run.waiting")
    return run.status == Run.Status.WAITING


def withdraw(run: Run) -> None:
    """Close what an ended run still asks, in the transaction that ends it."""
    still_open = Question.objects.filter(run=run, status=Question.Status.OPEN)
    for question in still_open:
        let_rest(question)
    still_open.update(status=Question.Status.WITHDRAWN, updated_at=timezone.now())


def unanswered(question: Question) -> str:
    return f"{NOBODY} It asked: {question.text[: telling.LONGEST_TEXT]}"


def _ends(question: Question) -> bool:
    return question.status == Question.Status.EXPIRED and question.at_deadline == Question.AtDeadline.FAIL


def _is_same(question: Question, wanted: Ask) -> bool:
    """Whether a person who answered saw what is asked now. Another draft, tool, or arguments of a tool are another question."""
    judged = question.kind, question.draft, *map(question.details.get, JUDGED)
    return judged == (wanted.kind, wanted.draft, *map(wanted.details.get, JUDGED))


def _open(run: Run, wanted: Ask, *, instead: Question | None) -> Question:
    times = times_of(run, wanted)
    if instead is not None:
        instead.delete()
    question = Question.objects.create(
        run=run,
        key=wanted.key,
        kind=wanted.kind,
        task=wanted.task,
        agent=wanted.agent,
        text=wanted.text,
        draft=wanted.draft,
        details=dict(wanted.details),
        deadline_at=times.deadline_at,
        remind_at=times.remind_at,
        at_deadline=times.at_deadline,
        default_answer=times.default,
        assignee_id=run.started_by_id,
        assignee=run.started_by,
    )
    wake_for(question)
    telling.asked(question)
    return question


def _owned(run_id: UUID, fence: int) -> Run:
    run = Run.objects.select_for_update().filter(pk=run_id, fence=fence).first()
    if run is None:
        raise LeaseLost(f"Run {run_id} belongs to another worker now.")
    return run
