"""Whom each agent meets: drawn anew for every step, and for every time that it acts in one, with numbers of its own."""

from __future__ import annotations

import numpy as np

from simulations.engine.randomness import Ints
from simulations.engine.world.blueprint import Blueprint
from simulations.engine.world.scene import Scene


def meet(blueprint: Blueprint, scene: Scene) -> None:
    """Who has nobody to meet meets itself."""
    if not any(kind.partner for kind in blueprint.kinds):
        return
    partner = np.arange(scene.state.rows)
    for number, kind in enumerate(blueprint.kinds):
        if kind.partner is not None:
            rows = scene.members(number)
            partner[rows] = _others(blueprint, scene, kind.partner, rows)
    scene.partner = partner


def meet_again(blueprint: Blueprint, scene: Scene, row: int) -> None:
    """Somebody else for an agent that acts once more in the same step."""
    kind = blueprint.kinds[scene.state.cells("archetype")[row]]
    if kind.partner is not None:
        scene.partner[row] = _others(blueprint, scene, kind.partner, np.asarray([row]))[0]


def _others(blueprint: Blueprint, scene: Scene, whom: str, rows: Ints) -> Ints:
    draws = scene.chance.draws("partner", rows, scene.occurrence)
    if whom == "neighbors":
        near, mask = scene.space.neighbors(rows).padded()
        counts = mask.sum(axis=0)
        wanted = (draws * counts).astype(np.int64)
        at = (np.cumsum(mask, axis=0) > wanted).argmax(axis=0) if len(mask) else np.zeros(rows.size, np.int64)
        found = near[at, np.arange(rows.size)] if len(near) else rows
        return np.where(counts > 0, found, rows)
    members = scene.members(None if whom == "all" else blueprint.archetypes.index(whom))
    return _anybody_else(members, rows, draws)


def _anybody_else(members: Ints, rows: Ints, draws: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
    """One of `members` (ascending) that is not oneself, each with the same chance."""
    if not members.size:
        return rows
    own = np.searchsorted(members, rows)
    inside = members[np.minimum(own, members.size - 1)] == rows
    among = members.size - inside.astype(np.int64)
    at = (draws * among).astype(np.int64)
    at += inside & (at >= own)
    return np.where(among > 0, members[np.minimum(at, members.size - 1)], rows)
