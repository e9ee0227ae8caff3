"""Names of keys, and the terms of an inbox as Redis keeps them."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from agents.protocol.filters import Filter
from agents.protocol.streams.scripts import BANDS
from agents.protocol.terms import Terms


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of one scope, such as `t_acme:run:<id>`; scopes never see each other."""

    scope: str

    def of(self, *parts: str) -> str:
        return ":".join(("guildhall", f"{{{self.scope}}}", *parts))

    @property
    def version(self) -> str:
        return self.of("inboxes", "version")

    @property
    def names(self) -> str:
        return self.of("inboxes")

    @property
    def dead(self) -> str:
        return self.of("dead")

    def inbox(self, name: str) -> list[str]:
        return [self.of("inbox", name, band) for band in BANDS]

    def instance(self, name: str) -> str:
        """Answers for one process, and the bell that wakes its reader."""
        return self.of("instance", name)


def band_of(priority: int) -> int:
    """0 urgent, 1 normal, 2 later."""
    return (9 - priority) // 3


def terms_to_json(terms: Terms) -> bytes:
    return orjson.dumps({
        "topics": terms.topics, "where": terms.where.source if terms.where else None, "broadcasts": terms.broadcasts,
        "capacity": terms.capacity, "overflow": terms.overflow, "attempts": terms.attempts,
    })  # fmt: skip


def terms_from_json(data: bytes) -> Terms:
    found = orjson.loads(data)
    where = Filter.of(found["where"]) if found["where"] else None
    return Terms(**{**found, "topics": tuple(found["topics"]), "where": where})
