"""From an outside id to a row: what is not in this workspace does not exist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import TextField
from django.db.models.expressions import RawSQL

from agents.models import Agent, Crew, Task
from tenants.access import Member
from tenants.errors import NotFound
from tenants.lookups import Lookup

_VERSIONS = """
concat_ws(' ', agents_crew.xmin, agents_crew.ctid,
    '|', (SELECT string_agg(concat_ws(' ', p.xmin, p.ctid, a.xmin, a.ctid), ' ' ORDER BY p.id)
          FROM agents_crewagent p JOIN agents_agent a ON a.id = p.agent_id WHERE p.crew_id = agents_crew.id),
    '|', (SELECT string_agg(concat_ws(' ', k.xmin, k.ctid), ' ' ORDER BY k.id)
          FROM agents_agent_collections k JOIN agents_crewagent p ON p.agent_id = k.agent_id WHERE p.crew_id = agents_crew.id),
    '|', (SELECT string_agg(concat_ws(' ', t.xmin, t.ctid), ' ' ORDER BY t.id) FROM agents_task t WHERE t.crew_id = agents_crew.id),
    '|', (SELECT max(v.number) FROM agents_definitionversion v WHERE v.kind = 'crew' AND v.subject_id = agents_crew.id))"""
_crews = Lookup(Crew.objects.filter, pk=UUID)
_in_versions: Lookup[Any] = Lookup(
    Crew.objects.only("pk").annotate(versions=RawSQL(_VERSIONS, [], output_field=TextField())).filter,  # noqa: S611 - our own words
    pk=UUID,
)
NO_CREW = "There is no such crew in this workspace."


def get_agent(member: Member, agent_id: UUID) -> Agent:
    agent = Agent.objects.filter(pk=agent_id).first()
    if agent is None:
        raise NotFound("There is no such agent in this workspace.")
    return agent


def get_crew(member: Member, crew_id: UUID) -> Crew:
    crew = _crews.first(crew_id)
    if crew is None:
        raise NotFound(NO_CREW)
    return crew


def get_crew_to_start(member: Member, crew_id: UUID) -> Crew:
    """The crew with its `versions`, by which a process knows whether it has read and checked it already; the rest is read when asked for."""
    crew: Crew | None = _in_versions.first(crew_id)
    if crew is None:
        raise NotFound(NO_CREW)
    return crew


def versions_of(crew: Crew) -> str:
    """Those of all rows that the crew is made of now, in PostgreSQL's own terms (`xmin`, `ctid`). Empty where it is no more."""
    found = _in_versions.first(crew.pk)
    return str(found.versions) if found else ""


def get_task(member: Member, task_id: UUID) -> Task:
    task = Task.objects.select_related("crew").filter(pk=task_id).first()
    if task is None:
        raise NotFound("There is no such task in this workspace.")
    return task


def lock_crew(crew: Crew) -> Crew:
    """The crew, locked: its tasks and members change under this lock."""
    return Crew.objects.select_for_update().get(pk=crew.pk)
