"""What an archetype listens to, in the protocol's terms."""

from __future__ import annotations

from agents.protocol.filters import Filter
from agents.protocol.terms import Terms
from simulations.engine.spec.archetypes import Archetype


def terms_of(archetype: Archetype) -> Terms:
    """Raises BadMessage for a pattern that is none, BadFilter for such a condition."""
    listens, inbox = archetype.listens, archetype.inbox
    return Terms(
        topics=listens.topics,
        where=None if listens.where is None else Filter.of(listens.where),
        broadcasts=listens.broadcasts,
        capacity=inbox.capacity,
        overflow=inbox.overflow,
    )
