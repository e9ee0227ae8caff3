"""From an outside id to a row: what is not in this workspace does not exist."""

from __future__ import annotations

from uuid import UUID

from agents.models import Agent, Crew, Task
from tenants.access import Member
from tenants.errors import NotFound
from tenants.lookups import Lookup

_crews = Lookup(Crew.objects.filter, pk=UUID)


def get_agent(member: Member, agent_id: UUID) -> Agent:
    agent = Agent.objects.filter(pk=agent_id).first()
    if agent is None:
        raise NotFound("There is no such agent in this workspace.")
    return agent


def get_crew(member: Member, crew_id: UUID) -> Crew:
    crew = _crews.first(crew_id)
    if crew is None:
        raise NotFound("There is no such crew in this workspace.")
    return crew


def get_task(member: Member, task_id: UUID) -> Task:
    task = Task.objects.select_related("crew").filter(pk=task_id).first()
    if task is None:
        raise NotFound("There is no such task in this workspace.")
    return task


def lock_crew(crew: Crew) -> Crew:
    """The crew, locked: its tasks and members change under this lock."""
    return Crew.objects.select_for_update().get(pk=crew.pk)
