"""What a person may do with tests of a crew: keep a run as one, drop it, and try the crew against all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from agents import queries
from agents.definitions import snapshot_of, spec_of
from agents.models import Crew
from agents.pictures.keeping import PictureLost, pictures_of
from agents.services import start_crew_run
from agents.trials.execution import WORK, finish
from agents.trials.judging import judged_live, verdict_of
from projects import access
from projects.branching.comparing import compare
from projects.models import KeptRun, Run, Trial
from projects.work import queue
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, FieldError, Invalid, TooLarge, WrongState
from tenants.ids import uuid7

QUEUE = "default"
MOST_KEPT = 100


@transaction.atomic
def keep_run(*, run: Run, name: str, by: Member) -> KeptRun:
    """Keep a finished run as a test of its crew: its inputs, its outputs and every recorded answer."""
    require_builder(by)
    run = access.lock(run)
    if run.kind != Run.Kind.CREW or run.subject_id is None or run.status != Run.Status.SUCCEEDED:
        raise WrongState("Only a run of a crew that succeeded can be kept as a test.")
    if not run.model_calls.exists():
        raise WrongState("Of this run no answers were recorded, so it cannot be a test.", code="no_record")
    if KeptRun.objects.filter(subject_id=run.subject_id).count() >= MOST_KEPT:
        raise Conflict(f"A crew has at most {MOST_KEPT} tests; remove one first.", code="too_many")
    kept = KeptRun(run=run, subject_id=run.subject_id, name=name.strip(), kept_by_id=by.user_id, kept_by=by.name)
    _save(kept)
    audit.record("run.kept", run, by=by, name=kept.name)
    return kept


def _save(kept: KeptRun) -> None:
    if not kept.name:
        raise Invalid("Give the test a name.", errors=[FieldError("name", "empty", "Give the test a name.")])
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        if KeptRun.objects.filter(run=kept.run).exists():
            raise Conflict("This run is kept as a test already.", code="kept") from None
        detail = f"This crew has a test “{kept.name}” already; choose another name."
        raise Conflict(detail, errors=[FieldError("name", "taken", detail)]) from None


@transaction.atomic
def drop_kept(*, kept: KeptRun, by: Member) -> None:
    """Keep the run as a test no longer; what its trials said goes with it, the run stays."""
    require_builder(by)
    audit.record("run.kept_no_more", kept.run, by=by, name=kept.name)
    kept.delete()


def try_crew(*, crew: Crew, mode: Trial.Mode, by: Member, only: Sequence[UUID] = ()) -> list[Trial]:
    """Try the crew as it is now against its tests, or those in `only`. Live trials ask the models again and are paid for."""
    require_builder(by)
    found = KeptRun.objects.select_related("run").filter(subject_id=crew.pk)
    kept = list(found.filter(pk__in=only) if only else found)
    if not kept:
        raise WrongState("This crew has no such tests. Keep a finished run as one first.", code="no_tests")
    snapshot = _snapshot(crew)
    batch = uuid7()
    with transaction.atomic():
        audit.record("crew.tried", crew, by=by, mode=mode, tests=len(kept))
        common: dict[str, Any] = {"batch_id": batch, "mode": mode, "snapshot": snapshot}
        return [_start(each, crew, by, **common) for each in kept]


def _snapshot(crew: Crew) -> dict[str, Any]:
    crew = queries.whole_crew(crew)
    agents = [place.agent for place in crew.places.all()]
    return snapshot_of(spec_of(crew), agents=agents, tasks=crew.tasks.all(), crew=crew)


def _start(kept: KeptRun, crew: Crew, by: Member, **common: Any) -> Trial:
    trial = Trial.objects.create(kept=kept, started_by_id=by.user_id, started_by=by.name, **common)
    if trial.mode == Trial.Mode.RECORDED:
        queue.enqueue(kind=WORK, object_id=trial.pk, queue=QUEUE)
    else:
        _start_live(trial, crew, by)
    return trial


def _start_live(trial: Trial, crew: Crew, by: Member) -> None:
    try:
        kept = trial.kept.run
        trial.run = start_crew_run(
            crew=crew, inputs=kept.inputs, by=by, project=kept.project, pictures=pictures_of(kept)
        )
    except (Invalid, TooLarge) as refusal:
        finish(trial.pk, Trial.Status.FAILED, detail=refusal.detail)
        trial.refresh_from_db()
        return
    except PictureLost as lost:
        finish(trial.pk, Trial.Status.FAILED, detail=str(lost))
        trial.refresh_from_db()
        return
    Run.objects.filter(pk=trial.run.pk).update(asks_anew=True)
    trial.status = Trial.Status.RUNNING
    trial.save(update_fields=["run", "status", "updated_at"])


def settle(trial: Trial) -> Trial:
    """Judge a live trial whose run has ended; asked by whoever looks at it, kept from then on."""
    if trial.status != Trial.Status.RUNNING or trial.run is None or not trial.run.has_ended:
        return trial
    if trial.run.status == Run.Status.SUCCEEDED:
        report = judged_live(compare(trial.kept.run, trial.run))
        finish(trial.pk, verdict_of(report), report=report)
    else:
        finish(trial.pk, Trial.Status.FAILED, detail=trial.run.stop_detail)
    trial.refresh_from_db()
    return trial


def settle_all(crew: Crew) -> None:
    """Judge every live trial of the crew whose run has ended."""
    ended = Trial.objects.select_related("kept__run", "run").filter(
        kept__subject_id=crew.pk, status=Trial.Status.RUNNING, run__status__in=Run.ENDED
    )
    for trial in ended:
        settle(trial)
