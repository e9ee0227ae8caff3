"""Trying a crew against a kept run, in a worker: with the recorded answers, or by a run that asks the models again."""

from __future__ import annotations

import asyncio
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from agents.definitions import spec_in
from agents.execution.replaying import failures_of
from agents.pictures.keeping import PictureLost, pictures_of
from agents.runtimes.crew import SpecRefused
from agents.runtimes.outcome import CrewFailed, StepOutput
from agents.runtimes.spec import CrewSpec, SpecInvalid
from agents.tools.reading import available_tools
from agents.trials.judging import judged, verdict_of
from agents.trials.rehearsing import Kept, Record, Rehearsal, rehearse
from projects.branching.services import tasks_of
from projects.models import Run, Trial
from projects.work.leases import Ending, Lease
from tenants.context import release_connection

WORK = "trial"
SECONDS = 60.0


def try_out(lease: Lease) -> Ending:
    """Carry out work of the kind `trial`."""
    trial = Trial.objects.select_related("kept__run").filter(pk=lease.object_id).first()
    if trial is None or trial.finished_at is not None:
        return "done"
    try:
        spec = spec_in(trial.snapshot)
        rehearsal = _rehearse(spec, trial.kept.run)
    except (SpecInvalid, SpecRefused, CrewFailed, PictureLost) as refusal:
        finish(trial.pk, Trial.Status.FAILED, detail=str(refusal))
    except TimeoutError:
        finish(trial.pk, Trial.Status.FAILED, detail=f"It did not come to an end within {SECONDS:g} s.")
    else:
        run = trial.kept.run
        outputs = dict.fromkeys(tasks_of(run)) | dict(run.steps.values_list("task", "output"))
        report = judged(spec, rehearsal, outputs)
        finish(trial.pk, verdict_of(report), report=report)
    return "done"


def give_up(trial_id: UUID, reason: str) -> None:
    """Fail a trial whose worker cannot go on. For the queue, not for people."""
    finish(trial_id, Trial.Status.FAILED, detail=reason)


@transaction.atomic
def finish(
    trial_id: UUID, status: Trial.Status, *, detail: str = "", report: list[dict[str, object]] | None = None
) -> None:
    """Keep what came out, once: a trial that has ended stays as it is."""
    Trial.objects.filter(pk=trial_id, finished_at=None).update(
        status=status, detail=detail, report=report or [], finished_at=timezone.now(), updated_at=timezone.now()
    )


def _rehearse(spec: CrewSpec, run: Run) -> Rehearsal:
    inputs = {name: str(value) for name, value in run.inputs.items()}
    tools = {name: tool.spec for name, tool in available_tools().items()}
    shown = [] if run.is_offline else [picture.shown() for picture in pictures_of(run)]
    played = rehearse(spec, inputs, record_of(run), tools, shown)
    release_connection()
    return asyncio.run(asyncio.wait_for(played, SECONDS))


def record_of(run: Run) -> Record:
    """What the run has on record."""
    answered = run.questions.filter(answer__isnull=False)
    asked = set(run.model_calls.values_list("task", flat=True))
    return Record(
        calls={call.key: Kept(call.request, call.request_hash, call.reply) for call in run.model_calls.all()},
        failures=failures_of(run.pk),
        tools={effect.key: effect for effect in run.effects.exclude(state="intended")},
        people={question.key: question.answer or {} for question in answered},
        given={
            step.task: StepOutput(step.output, step.output_json, outside=step.outside)
            for step in run.steps.filter(taken_over=True)
            if step.edited or step.task not in asked
        },
    )
