"""What a run has besides its rows, such as files: the app that keeps it registers how it is copied and deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID


class Keeper(NamedTuple):
    """`copy(source, into)` gives a run that goes off its own of what the other one made, `give(source, into)` of what that was given;
    `delete(run)` ends what a deleted run had. All in the current workspace."""

    copy: Callable[[UUID, UUID], None]
    give: Callable[[UUID, UUID], None]
    delete: Callable[[UUID], None]


Bind = Callable[[Mapping[str, Any], UUID | None], dict[str, Any]]
"""A run's snapshot and its subject's id: the snapshot as what is in it is allowed now."""

_keepers: list[Keeper] = []
_binders: list[Bind] = []


def register(keeper: Keeper) -> None:
    """Called once, from an app's ready()."""
    _keepers.append(keeper)


def bind_by(bind: Bind) -> None:
    """Called once, from the ready() of the app whose definitions runs carry out."""
    _binders.append(bind)


def as_allowed_now(snapshot: dict[str, Any], subject: UUID | None) -> dict[str, Any]:
    """For a run that goes off from another: what was taken back since then is not had again by going back."""
    for bind in _binders:
        snapshot = bind(snapshot, subject)
    return snapshot


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
