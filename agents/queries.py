"""Reading agents, crews and tasks."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Prefetch, QuerySet

from agents.models import Agent, Crew, CrewAgent, Task


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


def tasks(*, crew: str | None = None) -> QuerySet[Task]:
    found = Task.objects.select_related("crew")
    return found if crew is None else found.filter(crew_id=crew)
