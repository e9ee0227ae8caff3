"""Links of a network, drawn from counter-based chance: the same seed gives the same network on every machine.

Every builder returns links as (m, 2) node numbers, the smaller first, each once, in ascending order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from simulations.engine.randomness import Chance, Ints
from simulations.engine.spaces.near import Bools, spans
from simulations.engine.spaces.plans import NetworkKind, NetworkPlan

_ROUNDS = 100


def code(links: Ints) -> Ints:
    """One number for each link of an (m, 2) array, whose order is that of the links."""
    low, high = links.min(axis=1), links.max(axis=1)
    coded: Ints = low.astype(np.int64) << 32 | high.astype(np.int64)
    return coded


def decode(codes: Ints) -> Ints:
    return np.stack([codes >> 32, codes & 0xFFFFFFFF], axis=1)


def distinct(codes: Ints) -> Ints:
    """Sorted, each once. (numpy's own `unique` hashes, which takes half a minute for a million such codes.)"""
    ordered = np.sort(codes)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if ordered.size else ordered


def wire(plan: NetworkPlan, chance: Chance) -> Ints:
    """The links that the plan asks for; none for a complete network, which needs no list."""
    links = _BUILDERS[plan.kind](plan, chance)
    return decode(distinct(code(links[links[:, 0] != links[:, 1]])))


def _pairs(starts: Ints, ends: Ints) -> Ints:
    return np.stack([starts, ends], axis=1).astype(np.int64)


def _none(plan: NetworkPlan, chance: Chance) -> Ints:
    return np.zeros((0, 2), np.int64)


def _ring(plan: NetworkPlan, chance: Chance) -> Ints:
    nodes = np.arange(plan.nodes)
    reach = range(1, plan.degree // 2 + 1)
    return np.concatenate([_pairs(nodes, (nodes + step) % plan.nodes) for step in reach])


def _small_world(plan: NetworkPlan, chance: Chance) -> Ints:
    """Watts & Strogatz, Nature 393 (1998) 440: a ring of which each link's far end is moved with `probability`."""
    links = _ring(plan, chance)
    numbers = np.arange(len(links))
    moving = chance.draws("rewire", numbers) < plan.probability
    taken = distinct(code(links[~moving]))
    pending = numbers[moving]
    for attempt in range(_ROUNDS):
        if not pending.size:
            break
        starts = links[pending, 0]
        ends = (chance.draws("rewired to", pending, attempt) * plan.nodes).astype(np.int64)
        codes = code(_pairs(starts, ends))
        first = np.zeros(pending.size, np.bool_)
        first[np.unique(codes, return_index=True)[1]] = True
        good = first & (starts != ends) & ~_among(codes, taken)
        taken = np.sort(np.concatenate([taken, codes[good]]))
        pending = pending[~good]
    return np.concatenate([decode(taken), links[pending]])


def _among(codes: Ints, ordered: Ints) -> Bools:
    if not ordered.size:
        return np.zeros(codes.size, np.bool_)
    found: Bools = ordered[np.searchsorted(ordered, codes).clip(max=ordered.size - 1)] == codes
    return found


def _scale_free(plan: NetworkPlan, chance: Chance) -> Ints:
    """Barabási & Albert, Science 286 (1999) 509: a star of links + 1 nodes; each newcomer prefers who has many links."""
    each = plan.links
    ends = [node for leaf in range(1, each + 1) for node in (0, leaf)]
    links = [(0, leaf) for leaf in range(1, each + 1)]
    draws = chance.draws("attach", np.arange(plan.nodes * each)).tolist()
    for node in range(each + 1, plan.nodes):
        chosen = dict.fromkeys(ends[int(draw * len(ends))] for draw in draws[node * each : (node + 1) * each])
        attempt = 0
        while len(chosen) < each:
            attempt += 1
            chosen[ends[int(chance.draw("attach again", node, attempt) * len(ends))]] = None
        for other in chosen:
            links.append((other, node))
            ends += (other, node)
    return np.asarray(links, np.int64).reshape(-1, 2)


def _random(plan: NetworkPlan, chance: Chance) -> Ints:
    """Each pair with `probability` (Gilbert 1959), by leaps over those without (Batagelj & Brandes 2005)."""
    pairs = plan.nodes * (plan.nodes - 1) // 2
    if not plan.probability or not pairs:
        return _none(plan, chance)
    expected = plan.probability * pairs
    enough = int(expected + 10 * math.sqrt(expected) + 10)
    free = chance.draws("leap", np.arange(enough))
    leaps = np.ones(enough) if plan.probability == 1 else np.floor(np.log1p(-free) / math.log1p(-plan.probability)) + 1
    at = np.cumsum(leaps) - 1
    at = at[at < pairs].astype(np.int64)
    high = ((1 + np.sqrt(1 + 8 * at.astype(np.float64))) // 2).astype(np.int64)
    high -= high * (high - 1) // 2 > at
    high += high * (high + 1) // 2 <= at
    return _pairs(at - high * (high - 1) // 2, high)


def _cliques(plan: NetworkPlan, chance: Chance) -> Ints:
    """Groups in which all are joined, and nobody with anybody of another group."""
    nodes = np.arange(plan.nodes)
    after = np.minimum((nodes // plan.size + 1) * plan.size, plan.nodes) - nodes - 1
    starts, ends = spans(nodes + 1, after)
    return _pairs(starts, ends)


def _star(plan: NetworkPlan, chance: Chance) -> Ints:
    others = np.arange(1, plan.nodes)
    return _pairs(np.zeros_like(others), others)


def _line(plan: NetworkPlan, chance: Chance) -> Ints:
    nodes = np.arange(plan.nodes - 1)
    return _pairs(nodes, nodes + 1)


def _edges(plan: NetworkPlan, chance: Chance) -> Ints:
    return np.asarray(plan.edges, np.int64).reshape(-1, 2)


_BUILDERS: Mapping[NetworkKind, Callable[[NetworkPlan, Chance], Ints]] = {
    "complete": _none,
    "ring": _ring,
    "small_world": _small_world,
    "scale_free": _scale_free,
    "random": _random,
    "cliques": _cliques,
    "star": _star,
    "line": _line,
    "edges": _edges,
}
