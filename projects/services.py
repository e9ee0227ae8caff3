"""What a person may do with projects and runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.deletion import ProtectedError
from django.utils import timezone

from projects import access, events
from projects.branching import belongings
from projects.events import line
from projects.faults import noting
from projects.faults.models import Category
from projects.ledger import announce, close_run
from projects.ledger.marks import marks_in
from projects.models import KeptRun, Project, Run
from projects.starting import DEFAULT_PROJECT, store_new
from projects.work import queue
from tenants import audit
from tenants.access import Member, require_admin, require_builder
from tenants.errors import Conflict, FieldError, Invalid, NotFound, WrongState
from tenants.provenance import revoked
from tenants.requests import MOST_HOPS, request_hops, request_id
from tenants.workspace.models import AuditEntry

QUEUE = "crews"
LEAST_SECONDS = 5
USUAL_PRIORITY = 5


@dataclass(frozen=True, slots=True)
class Order:
    """What to run: definitions as they are now, the values for their inputs, and what is said of the pictures that it is shown.

    `limits` are usd, tokens, model_calls, at_limit.
    """

    kind: Run.Kind
    subject_id: UUID
    title: str
    snapshot: dict[str, Any]
    inputs: dict[str, Any]
    seconds_allowed: int | None = None
    origin: Run.Origin = Run.Origin.PERSON
    origin_id: UUID | None = None
    priority: int | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    pictures: list[dict[str, Any]] | None = None


def start_run(*, order: Order, project: Project | None, by: Member) -> Run:
    """Queue a run with a copy of its definitions; a worker is woken after the commit.

    Raises WrongState, `revoked`, where the marketplace has blocked what it is made from, and Conflict, `loop`, where run led to run too often.
    """
    require_builder(by)
    _check_hops()
    revoked.refuse_hard(marks_in(order.snapshot))
    run = Run(
        project=project,
        kind=order.kind,
        subject_id=order.subject_id,
        title=order.title[:160],
        snapshot=order.snapshot,
        manifest_digests=order.snapshot.get("manifests") or [],
        inputs=order.inputs,
        pictures=order.pictures,
        started_by_id=by.user_id,
        started_by=by.name,
        seconds_allowed=_checked_seconds(order.seconds_allowed),
        origin=_origin(order, by),
        origin_id=order.origin_id,
        limits=dict(order.limits),
        priority=order.priority or USUAL_PRIORITY,
        request_id=request_id(),
        hops=request_hops(),
    )
    _store(run, project, audit.entry("run.started", run, by=by, subject=str(order.subject_id)))
    transaction.on_commit(partial(queue.hint, QUEUE, order.kind))
    return run


def _store(run: Run, project: Project | None, entry: AuditEntry) -> None:
    """Raises NotFound where the project was deleted a moment ago; the usual one is made where there is none."""
    if store_new(run, entry=entry, queue=QUEUE):
        return
    if project is not None:
        raise NotFound("This project was deleted a moment ago.")
    Project.objects.get_or_create(name=DEFAULT_PROJECT)
    store_new(run, entry=entry, queue=QUEUE)


def _check_hops() -> None:
    if request_hops() > MOST_HOPS:
        detail = (
            f"{request_hops()} runs in a row each led to the next, by a webhook or a request of a tool; "
            f"{MOST_HOPS} may. This looks like a circle, so no further run is started."
        )
        raise Conflict(detail, code="loop")


def _origin(order: Order, by: Member) -> Run.Origin:
    by_program = by.via in {"token", "api_key"} and order.origin == Run.Origin.PERSON
    return Run.Origin.API if by_program else order.origin


def _checked_seconds(wanted: int | None) -> int:
    most = int(settings.RUN_SECONDS)
    if wanted is None:
        return most
    if not LEAST_SECONDS <= wanted <= most:
        detail = f"A run may take {LEAST_SECONDS} to {most} seconds here."
        raise Invalid(detail, errors=[FieldError("seconds_allowed", "range", detail)])
    return wanted


@transaction.atomic
def cancel_run(*, run: Run, by: Member) -> Run:
    """Stop a run: at once while it waits, at its next step while it runs. Asking twice is no error."""
    require_builder(by)
    run = access.lock(run)
    if run.has_ended:
        raise WrongState(
            f"This run has ended already ({run.get_status_display().lower()}); there is nothing to cancel."
        )
    if run.cancel_requested_at is None:
        run.cancel_requested_at = timezone.now()
        run.save(update_fields=["cancel_requested_at", "updated_at"])
        audit.record("run.cancelled", run, by=by)
        if run.status == Run.Status.RUNNING:
            events.append(run.pk, [line("run.status", status="running", cancelling=True)])
            transaction.on_commit(partial(announce, run.pk))
    if run.status in {Run.Status.QUEUED, Run.Status.WAITING}:
        queue.withdraw(kind=run.kind, object_id=run.pk)
        close_run(run, Run.Status.CANCELLED, "cancelled", f"Cancelled by {by.name}.")
    return run


@transaction.atomic
def delete_run(*, run: Run, by: Member) -> None:
    """Delete an ended run with its story."""
    require_admin(by)
    run = access.lock(run)
    if not run.has_ended:
        raise WrongState("This run has not ended yet; cancel it first.")
    if KeptRun.objects.filter(run=run).exists():
        raise WrongState("This run is kept as a test of its crew; remove the test first.", code="kept")
    audit.record("run.deleted", run, by=by)
    transaction.on_commit(partial(belongings.delete, run.pk))
    run.delete()


def give_up(run_id: UUID, reason: str) -> None:
    """Fail a run whose worker cannot go on. For the queue, not for people."""
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id).first()
        if run is not None and not run.has_ended:
            if run.status == Run.Status.WAITING:
                return
            close_run(run, Run.Status.FAILED, "worker_died", reason)
            noting.store([noting.Noted(Category.INTERNAL, "worker_died", reason, run.pk)])


@transaction.atomic
def create_project(*, name: str, description: str, by: Member) -> Project:
    require_builder(by)
    project = Project(name=name.strip(), description=description)
    _save_project(project)
    audit.record("project.created", project, by=by)
    return project


@transaction.atomic
def update_project(*, project: Project, by: Member, name: str | None = None, description: str | None = None) -> Project:
    require_builder(by)
    project.name = project.name if name is None else name.strip()
    project.description = project.description if description is None else description
    _save_project(project)
    audit.record("project.changed", project, by=by)
    return project


def _save_project(project: Project) -> None:
    try:
        with transaction.atomic():
            project.save()
    except IntegrityError:
        detail = f"There is a project named {project.name!r} already; choose another name."
        raise Conflict(detail, errors=[FieldError("name", "taken", detail)]) from None


@transaction.atomic
def delete_project(*, project: Project, by: Member) -> None:
    require_admin(by)
    try:
        with transaction.atomic():
            project.delete()
    except ProtectedError:
        raise WrongState("This project has runs; delete them first.", code="has_runs") from None
    audit.record("project.deleted", None, by=by, name=project.name)
