"""From an outside id to a row: what is not in this workspace does not exist."""

from __future__ import annotations

from uuid import UUID

from projects.models import Project, Run
from tenants.access import Member
from tenants.errors import NotFound
from tenants.lookups import Lookup

_runs = Lookup(Run.objects.select_related("project").filter, pk=UUID)


def get_project(member: Member, project_id: UUID) -> Project:
    project = Project.objects.filter(pk=project_id).first()
    if project is None:
        raise NotFound("There is no such project in this workspace.")
    return project


def get_run(member: Member, run_id: UUID) -> Run:
    run = _runs.first(run_id)
    if run is None:
        raise NotFound("There is no such run in this workspace.")
    return run


def lock(run: Run) -> Run:
    return Run.objects.select_for_update().get(pk=run.pk)
