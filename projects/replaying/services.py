"""Starting a replay."""

from __future__ import annotations

from django.db import transaction

from projects import access
from projects.branching import belongings
from projects.branching.record import take_answers, take_decisions, take_steps
from projects.branching.services import tasks_of
from projects.models import Run
from projects.services import Order, start_run
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import WrongState


@transaction.atomic
def replay_run(*, run: Run, by: Member) -> Run:
    """Start a run that takes every answer from the record of a finished one. It asks no model and costs nothing.

    What it had taken over itself, from a run before it or from a person's pen, is taken over as it is.
    """
    require_builder(by)
    run = access.lock(run)
    if run.status != Run.Status.SUCCEEDED:
        raise WrongState("Only a run that succeeded can be replayed.")
    recorded = set(run.model_calls.values_list("task", flat=True))
    given = set(run.steps.filter(taken_over=True).values_list("task", flat=True))
    if not recorded and not given:
        raise WrongState("Of this run no answers were recorded, so it cannot be replayed.", code="no_record")
    fresh = _start(run, by)
    take_steps(source=run, into=fresh, tasks=given)
    everything = {*tasks_of(run), *recorded, ""}
    take_answers(source=run, into=fresh, tasks=everything)
    take_decisions(source=run, into=fresh, tasks=everything, ends=True)
    audit.record("run.replayed", fresh, by=by, from_run=str(run.pk))
    return fresh


def _start(run: Run, by: Member) -> Run:
    order = Order(
        Run.Kind(run.kind),
        run.subject_id or run.pk,
        run.title,
        run.snapshot,
        run.inputs,
        run.seconds_allowed,
        origin=Run.Origin.REPLAY,
        pictures=run.pictures,
    )
    fresh = start_run(order=order, project=run.project, by=by)
    belongings.give(run.pk, fresh.pk)
    fresh.parent, fresh.provider, fresh.model = run, run.provider, run.model
    fresh.save(update_fields=["parent", "provider", "model", "updated_at"])
    return fresh
