"""What a run takes over from another: outputs of finished tasks, and the recorded answers of models, tools and people.

What is taken over was paid for there: here it counts no tokens and no money.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q

from projects.models import Effect, ModelCall, Question, Run, StepOutput
from tenants.ids import uuid7

FROM_RECORD = "record"
FREE = {"usage": [0, 0, 0], "cost": "0"}
Kept = TypeVar("Kept", Effect, Question)
SETTLED = (Question.Status.ANSWERED, Question.Status.EXPIRED)
ENDED_THERE = Q(answer__action="reject") & (~Q(kind=Question.Kind.APPROVAL) | Q(status=Question.Status.EXPIRED))


def take_steps(*, source: Run, into: Run, tasks: Collection[str]) -> None:
    """Copy the outputs of `tasks`, as far as they are there."""
    StepOutput.objects.bulk_create(
        StepOutput(
            run=into,
            task=step.task,
            position=step.position,
            agent=step.agent,
            output=step.output,
            output_json=step.output_json,
            limited=step.limited,
            edited=step.edited,
            outside=step.outside,
            taken_over=True,
        )
        for step in source.steps.filter(task__in=tasks)
    )


def take_answers(*, source: Run, into: Run, tasks: Collection[str]) -> None:
    """Copy what models and tools answered in `tasks`. An answer serves only where the same is asked again."""
    ModelCall.objects.bulk_create(_free(call, into) for call in source.model_calls.filter(task__in=tasks))
    Effect.objects.bulk_create(_moved(source.effects.filter(task__in=tasks), into))


def take_decisions(*, source: Run, into: Run, tasks: Collection[str], ends: bool) -> None:
    """Copy what people decided in `tasks`. Without `ends` what ended the work there is asked again: a rejection, except of one use of a
    tool, and that nobody answered."""
    decided = source.questions.filter(status__in=SETTLED, answer__isnull=False, task__in=tasks)
    Question.objects.bulk_create(_moved(decided if ends else decided.exclude(ENDED_THERE), into))


def _free(call: ModelCall, into: Run) -> ModelCall:
    call.pk, call.run, call.cache_layer = uuid7(), into, FROM_RECORD
    call.prompt_tokens = call.completion_tokens = 0
    call.cost, call.seconds = Decimal(0), 0.0
    call.reply = {**call.reply, **FREE}
    return call


def _moved(rows: Iterable[Kept], into: Run) -> Iterable[Kept]:
    for row in rows:
        row.pk, row.run = uuid7(), into
        yield row
