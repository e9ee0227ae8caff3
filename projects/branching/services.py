"""Runs that go off from others: again from the start, on from where it stopped, or from any task with changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from projects import access
from projects.branching import belongings
from projects.branching.record import take_answers, take_decisions, take_steps
from projects.models import Run, StepOutput
from projects.services import Order, start_run
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import WrongState

ROUTER = "router"
"""What the questions to a router stand under, as those of a task do."""


@dataclass(frozen=True, slots=True)
class Written:
    """The output that a person wrote for a task."""

    text: str
    data: Any = None


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a run goes off from another: `task` is the first that is done anew, `edits` is what was changed, as it was sent.

    `outputs` holds what a person wrote in place of a task: the run goes on after it.
    """

    task: str
    snapshot: dict[str, Any]
    inputs: dict[str, Any]
    edits: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Written] = field(default_factory=dict)


@transaction.atomic
def branch_run(*, run: Run, branch: Branch, by: Member) -> Run:
    """Start a run that takes over what came before `branch.task`, and does the rest with its changes.

    Answers recorded after that task serve again where exactly the same is asked.
    """
    run = _lock_ended(run, by)
    tasks = as_they_went(run)
    place = tasks.index(branch.task)
    earlier = [name for name in tasks[:place] if name not in branch.outputs]
    fresh = _start_from(
        run, by=by, task=branch.task, snapshot=branch.snapshot, inputs=branch.inputs, edits=dict(branch.edits)
    )
    take_steps(source=run, into=fresh, tasks=earlier)
    take_answers(source=run, into=fresh, tasks=[*tasks[:place], *tasks[place + 1 :], *_besides(run)])
    _write_outputs(fresh, branch.outputs)
    belongings.take_over(run.pk, fresh.pk)
    audit.record("run.branched", fresh, by=by, from_run=str(run.pk), task=branch.task)
    return fresh


@transaction.atomic
def retry_run(*, run: Run, by: Member) -> Run:
    """Run an ended run again from its start, with the same definitions and inputs; everything is asked anew."""
    run = _lock_ended(run, by)
    fresh = _start_from(run, by=by, task="", snapshot=run.snapshot, inputs=run.inputs)
    audit.record("run.retried", fresh, by=by, from_run=str(run.pk))
    return fresh


@transaction.atomic
def resume_run(*, run: Run, by: Member) -> Run:
    """Go on with a run that ended without success, at its first unfinished task, as a new run.

    What models, tools and people answered in the unfinished tasks serves again: it is not paid for twice.
    """
    run = _lock_ended(run, by)
    if run.status == Run.Status.SUCCEEDED:
        raise WrongState("Only a run that ended without success can be resumed.")
    tasks = as_they_went(run)
    done = set(run.steps.values_list("task", flat=True))
    first = next((name for name in tasks if name not in done), "")
    fresh = _start_from(run, by=by, task=first, snapshot=run.snapshot, inputs=run.inputs, anew=False)
    everything = {*tasks, *done}
    take_steps(source=run, into=fresh, tasks=done)
    take_answers(source=run, into=fresh, tasks=[*everything, *_besides(run)])
    take_decisions(source=run, into=fresh, tasks=everything, ends=False)
    belongings.take_over(run.pk, fresh.pk)
    audit.record("run.resumed", fresh, by=by, from_run=str(run.pk))
    return fresh


def tasks_of(run: Run) -> list[str]:
    """The names of its tasks, in their order."""
    return [str(task["name"]) for task in run.snapshot.get("tasks", ()) if isinstance(task, dict) and task.get("name")]


def as_they_went(run: Run) -> list[str]:
    """Its tasks in the order in which they were done: where a router chose it, those that it chose come first."""
    tasks = tasks_of(run)
    if not _besides(run):
        return tasks
    chosen = run.events.filter(type="router.decided").values_list("data__next", flat=True)
    return [
        *dict.fromkeys(name for name in chosen if name in tasks),
        *(name for name in tasks if name not in set(chosen)),
    ]


def _besides(run: Run) -> list[str]:
    """What models were asked under besides its tasks."""
    return [ROUTER] if run.snapshot.get("process") == "adaptive" else []


def _lock_ended(run: Run, by: Member) -> Run:
    require_builder(by)
    run = access.lock(run)
    if not run.has_ended:
        raise WrongState("This run has not ended yet; cancel it or wait.")
    return run


def _start_from(
    run: Run, *, by: Member, task: str, snapshot: Any, inputs: Any, edits: Any = None, anew: bool = True
) -> Run:
    order = Order(
        Run.Kind(run.kind),
        run.subject_id or run.pk,
        run.title,
        belongings.as_allowed_now(snapshot, run.subject_id),
        inputs,
        run.seconds_allowed,
        origin=Run.Origin.BRANCH,
        limits=run.limits,
        priority=run.priority,
        pictures=run.pictures,
    )
    fresh = start_run(order=order, project=run.project, by=by)
    belongings.give(run.pk, fresh.pk)
    fresh.parent, fresh.branch_task, fresh.edits, fresh.asks_anew = run, task, edits or {}, anew
    fresh.save(update_fields=["parent", "branch_task", "edits", "asks_anew", "updated_at"])
    return fresh


def _write_outputs(fresh: Run, outputs: Mapping[str, Written]) -> None:
    tasks = tasks_of(fresh)
    doers = {task["name"]: str(task.get("agent") or "") for task in fresh.snapshot["tasks"]}
    StepOutput.objects.bulk_create(
        StepOutput(
            run=fresh,
            task=name,
            position=tasks.index(name),
            agent=doers[name],
            output=written.text,
            output_json=written.data,
            edited=True,
            taken_over=True,
        )
        for name, written in outputs.items()
    )
