"""Where to draw the nodes of a network: by its kind where that has a shape, else by springs."""

from __future__ import annotations

import numpy as np

from simulations.engine.randomness import Floats, Ints
from simulations.engine.spaces.plans import NetworkPlan

_SPRINGS_UP_TO, _ROUNDS = 200, 50


def positions(plan: NetworkPlan, nodes: int, links: Ints) -> Floats:
    """(nodes, 2) in the unit square; the same for the same network."""
    if plan.kind == "line":
        return np.stack([np.linspace(0.02, 0.98, nodes), np.full(nodes, 0.5)], axis=1)
    if plan.kind == "star":
        return np.concatenate([[[0.5, 0.5]], _circle(nodes - 1)])
    if plan.kind == "cliques":
        return _flowers(nodes, plan.size)
    if plan.kind in {"random", "scale_free", "edges"} and nodes <= _SPRINGS_UP_TO:
        return _springs(nodes, links)
    return _circle(nodes)


def _circle(count: int, radius: float = 0.48) -> Floats:
    turn = 2 * np.pi * np.arange(count) / max(count, 1)
    return 0.5 + radius * np.stack([np.sin(turn), -np.cos(turn)], axis=1)


def _flowers(nodes: int, size: int) -> Floats:
    """A circle of circles."""
    groups = -(-nodes // size)
    radius = min(0.2, 1.2 / max(groups, 1))
    middles = np.repeat(_circle(groups, 0.48 - radius), size, axis=0)[:nodes]
    petals = np.tile(_circle(size, radius) - 0.5, (groups, 1))[:nodes]
    flowers: Floats = middles + petals
    return flowers


def _springs(nodes: int, links: Ints) -> Floats:
    """Fruchterman & Reingold, Software: Practice and Experience 21 (1991) 1129, from a circle, with cooling."""
    at = _circle(nodes, 0.3)
    apart = np.sqrt(1 / max(nodes, 1))
    for heat in np.linspace(0.1, 0.002, _ROUNDS):
        gaps = at[:, np.newaxis] - at
        squares = np.maximum((gaps**2).sum(axis=2), 1e-6)
        force = (gaps * (apart**2 / squares)[:, :, np.newaxis]).sum(axis=1)
        pulls = at[links[:, 0]] - at[links[:, 1]]
        pulls *= np.sqrt((pulls**2).sum(axis=1, keepdims=True)) / apart
        np.add.at(force, links[:, 0], -pulls)
        np.add.at(force, links[:, 1], pulls)
        lengths = np.maximum(np.sqrt((force**2).sum(axis=1, keepdims=True)), 1e-9)
        at = at + force / lengths * np.minimum(lengths, heat)
    low, high = at.min(axis=0), at.max(axis=0)
    spread: Floats = 0.02 + 0.96 * (at - low) / np.maximum(high - low, 1e-9)
    return spread
