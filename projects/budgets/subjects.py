"""The names of what can be run. Crews and agents live in a room above this one, which says here what there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

Names = Callable[[], Mapping[UUID, str]]
_sources: list[Names] = []


def register(names: Names) -> None:
    """Called once, from an app's ready()."""
    if names not in _sources:
        _sources.append(names)


def names() -> dict[UUID, str]:
    """Of everything in this workspace that can be run."""
    return {subject: name for source in _sources for subject, name in source().items()}
