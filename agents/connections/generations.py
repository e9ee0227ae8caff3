"""Which kept answers and which chain count now."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection

from agents.connections.models import Generation
from agents.llm.guards import CacheKey

Generations = Mapping[tuple[str, str], int]
Kind = Generation.Kind

_NEXT = """
INSERT INTO connections_generation (kind, name, number) VALUES (%s, %s, 2)
ON CONFLICT (kind, name) DO UPDATE SET number = connections_generation.number + 1"""


def begin_next(kind: Kind, name: str = "") -> None:
    """Make void what was made under the present generation. Two at once both count."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [kind, name])


def present() -> Generations:
    """Those that ever changed in this workspace; any other is in its first."""
    return {(kind, name): number for kind, name, number in Generation.objects.values_list("kind", "name", "number")}


def stamp(generations: Generations, key: CacheKey) -> str:
    """The generations that an answer belongs to, as one text."""
    wanted = ((Kind.ANSWERS, ""), (Kind.MODEL, key.model), (Kind.PROMPT, key.prompt_version))
    return ".".join(str(generations.get((kind, name), 1)) for kind, name in wanted)
