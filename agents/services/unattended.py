"""Whether what was installed from the market may be started by a schedule, with nobody watching."""

from __future__ import annotations

from collections.abc import Iterator

from agents.models import Agent, Crew
from tenants.errors import Conflict

GRANT = "schedule"


def check_unattended(crew: Crew) -> None:
    """Raises Conflict where the crew, or one of its agents, was installed without the permission."""
    why = why_attended(crew)
    if why:
        raise Conflict(why, code="schedule_not_granted")


def why_attended(crew: Crew) -> str:
    """What keeps the crew from being scheduled, for a person; empty where nothing does. One query at most."""
    names = list(_without(crew))
    if not names:
        return ""
    were = "was" if len(names) == 1 else "were"
    return (
        f"{' and '.join(names)} {were} installed without the permission to be started by a schedule. "
        "Start it yourself, or update to a version that asks for this permission and grant it."
    )


def _without(crew: Crew) -> Iterator[str]:
    """Who lacks it: the crew, or else agents of it that came with something else."""
    if crew.grants is not None and GRANT not in crew.grants:
        yield f"“{crew.name}”"
        return
    lacking = Agent.objects.filter(places__crew=crew, grants__isnull=False).exclude(grants__contains=[GRANT])
    yield from (f"The agent “{name}”" for name in lacking.order_by("name").values_list("name", flat=True))
