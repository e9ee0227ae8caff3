"""Reading agents, crews and tasks."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Prefetch, QuerySet, prefetch_related_objects

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
    """The crew as it is now, with its agents and tasks, in three further queries."""
    return Crew.objects.prefetch_related(*_parts()).get(pk=crew.pk)


def _parts() -> tuple[Prefetch[str] | str, ...]:
    return Prefetch("places", CrewAgent.objects.select_related("agent").prefetch_related("agent__collections")), "tasks"


def crew_at_one_moment(crew: Crew) -> Crew:
    """The crew with all its parts as it stood at one moment, though it takes several queries: one that is replaced meanwhile is read again."""
    prefetch_related_objects([crew], *_parts())
    for _ in range(READINGS):
        if Crew.objects.filter(pk=crew.pk, updated_at=crew.updated_at).exists():
            break
        crew = whole_crew(crew)
    return crew


def tasks(*, crew: str | None = None) -> QuerySet[Task]:
    found = Task.objects.select_related("crew")
    return found if crew is None else found.filter(crew_id=crew)
