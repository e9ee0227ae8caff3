"""Reading agents, crews and tasks."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Prefetch, QuerySet

from agents.models import Agent, Crew, CrewAgent, Task

READINGS = 5


def agents() -> QuerySet[Agent]:
    return Agent.objects.prefetch_related("collections")


def crews() -> QuerySet[Crew]:
    """Crews with `agent_count` and `task_count`."""
    return Crew.objects.annotate(agent_count=Count("places", distinct=True), task_count=Count("tasks", distinct=True))


def names() -> dict[UUID, str]:
    """The names of all crews and agents. Two statements."""
    return dict(Crew.objects.values_list("pk", "name")) | dict(Agent.objects.values_list("pk", "name"))


def whole_crew(crew: Crew) -> Crew:
    """The crew with its agents and tasks, in three further queries."""
    members = CrewAgent.objects.select_related("agent").prefetch_related("agent__collections")
    return Crew.objects.prefetch_related(Prefetch("places", members), "tasks").get(pk=crew.pk)


def crew_at_one_moment(crew: Crew) -> Crew:
    """The whole crew as it stood at one moment, though it takes several queries: one that is replaced meanwhile is read again."""
    for _ in range(READINGS):
        found = whole_crew(crew)
        if Crew.objects.filter(pk=found.pk, updated_at=found.updated_at).exists():
            return found
    return found


def tasks(*, crew: str | None = None) -> QuerySet[Task]:
    found = Task.objects.select_related("crew")
    return found if crew is None else found.filter(crew_id=crew)
