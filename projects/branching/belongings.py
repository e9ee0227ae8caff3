"""What a run has besides its rows, such as files: the app that keeps it registers how it is copied and deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID


class Keeper(NamedTuple):
    """`copy(source, into)` gives a run that goes off its own of what the other one made, `give(source, into)` of what that was given;
    `delete(run)` ends what a deleted run had. All in the current workspace."""

    copy: Callable[[UUID, UUID], None]
    give: Callable[[UUID, UUID], None]
    delete: Callable[[UUID], None]


_keepers: list[Keeper] = []


def register(keeper: Keeper) -> None:
    """Called once, from an app's ready()."""
    _keepers.append(keeper)


def take_over(source: UUID, into: UUID) -> None:
    for keeper in _keepers:
        keeper.copy(source, into)


def give(source: UUID, into: UUID) -> None:
    """Also to a run that begins anew: it is shown what the other one was shown."""
    for keeper in _keepers:
        keeper.give(source, into)


def delete(run: UUID) -> None:
    for keeper in _keepers:
        keeper.delete(run)
