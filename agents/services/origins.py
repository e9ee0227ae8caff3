"""What an installed crew, agent or task brings with it: where it came from, and how far it may go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agents.models import Agent, Crew


@dataclass(frozen=True, slots=True)
class Origin:
    """`source` as in publisher/listing@version; `grants` by the codes of the marketplace, and `bounds` how far they go."""

    source: str
    digest: str
    grants: tuple[str, ...]
    bounds: dict[str, Any] = field(default_factory=dict)


def mark(row: Agent | Crew, origin: Origin) -> None:
    """Bind the row to its origin, in memory."""
    row.grants, row.bounds, row.manifest_digest = sorted(origin.grants), dict(origin.bounds), origin.digest
    if isinstance(row, Crew):
        row.source = origin.source


def marks_of(row: Agent | Crew) -> dict[str, Any]:
    """What binds a row, for one that belongs to it: an agent may no more elsewhere than in the crew that it came with."""
    return {"grants": row.grants, "bounds": row.bounds, "manifest_digest": row.manifest_digest}
