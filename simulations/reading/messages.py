"""What agents of a play said, as it is read."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from simulations.models import PlayMessage, Simulation

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages: said by an agent or to it alone, on a topic, in these steps (both included)."""

    agent: int | None = None
    topic: str | None = None
    first: int | None = None
    last: int | None = None


def messages_of(simulation: Simulation, wanted: Wanted) -> QuerySet[PlayMessage]:
    found = PlayMessage.objects.filter(simulation=simulation)
    if wanted.agent is not None:
        found = found.filter(Q(sender_agent=wanted.agent) | Q(recipient_agent=wanted.agent))
    if wanted.topic is not None:
        found = found.filter(topic=wanted.topic)
    if wanted.first is not None:
        found = found.filter(step__gte=wanted.first)
    if wanted.last is not None:
        found = found.filter(step__lte=wanted.last)
    return found


def said_until(simulation: Simulation, step: int) -> list[PlayMessage]:
    """The last of what was said up to a step, newest first."""
    found = messages_of(simulation, Wanted(last=step))
    return list(found.order_by("-step", "-number")[:MOST_SHOWN])
