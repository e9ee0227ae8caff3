"""What a person may do with the tasks of a crew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from agents import access
from agents.models import Crew, CrewAgent, Task
from agents.services.settling import settle
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, FieldError, WrongState


@transaction.atomic
def create_task(*, crew: Crew, fields: Mapping[str, Any], by: Member) -> Task:
    """Add a task at the end of a crew; its agent joins the crew."""
    require_builder(by)
    crew = access.lock_crew(crew)
    last = crew.tasks.aggregate(last=Max("position"))["last"]
    task = Task(crew=crew, position=0 if last is None else last + 1, **fields)
    _save_task(task, by)
    audit.record("task.created", task, by=by, crew=crew.name)
    return task


@transaction.atomic
def update_task(*, task: Task, by: Member, changes: Mapping[str, Any]) -> Task:
    """Change a task. A new name is carried into the tasks that wait for it."""
    require_builder(by)
    task.crew = access.lock_crew(task.crew)
    old = task.name
    for field, value in changes.items():
        if field != "position":
            setattr(task, field, value)
    if task.name != old:
        _rename_in_contexts(task.crew, old, task.name)
    if "position" in changes:
        _move(task, changes["position"])
    _save_task(task, by)
    audit.record("task.changed", task, by=by, fields=sorted(changes))
    return task


@transaction.atomic
def delete_task(*, task: Task, by: Member) -> None:
    require_builder(by)
    crew = access.lock_crew(task.crew)
    waiting = crew.tasks.filter(context__contains=[task.name]).exclude(pk=task.pk).first()
    if waiting is not None:
        raise WrongState(f"“{waiting.name}” waits for “{task.name}”. Change its context first.", code="in_use")
    audit.record("task.deleted", task, by=by, crew=crew.name)
    task.delete()
    settle(crew, by=by)


def _save_task(task: Task, by: Member) -> None:
    try:
        with transaction.atomic():
            task.save()
    except IntegrityError:
        detail = f"This crew has a task named “{task.name}” already; choose another name."
        raise Conflict(detail, errors=[FieldError("name", "taken", detail)]) from None
    if task.agent is not None and not task.crew.places.filter(agent=task.agent).exists():
        CrewAgent.objects.create(crew=task.crew, agent=task.agent, position=task.crew.places.count())
    settle(task.crew, by=by)


def _rename_in_contexts(crew: Crew, old: str, new: str) -> None:
    for other in crew.tasks.filter(context__contains=[old]):
        other.context = [new if name == old else name for name in other.context or ()]
        other.save(update_fields=["context", "updated_at"])


def _move(task: Task, position: int) -> None:
    order = list(task.crew.tasks.exclude(pk=task.pk))
    order.insert(min(position, len(order)), task)
    for number, other in enumerate(order):
        if other.pk == task.pk:
            task.position = number
        elif other.position != number:
            Task.objects.filter(pk=other.pk).update(position=number)
