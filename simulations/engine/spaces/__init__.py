"""Where agents are and who is near whom: grids, networks, planes, or nowhere. Numpy alone; Mesa's equal is a test.

`build_space(plan, chance, rows)` builds any of them; `Space` says what each answers.
"""

from __future__ import annotations

from simulations.engine.randomness import Chance
from simulations.engine.spaces.continuous import ContinuousSpace
from simulations.engine.spaces.declared import plan_of
from simulations.engine.spaces.everyone import Everyone
from simulations.engine.spaces.grid import GridSpace
from simulations.engine.spaces.near import Near, Pairs, Table
from simulations.engine.spaces.network import NetworkSpace
from simulations.engine.spaces.nowhere import Nowhere
from simulations.engine.spaces.plans import ContinuousPlan, GridPlan, NetworkPlan, NoSpace, Plan, SpaceRefused
from simulations.engine.spaces.protocol import NOWHERE, Links, PlaceTaken, Site, Space

__all__ = [
    "NOWHERE",
    "ContinuousPlan",
    "ContinuousSpace",
    "Everyone",
    "GridPlan",
    "GridSpace",
    "Links",
    "Near",
    "NetworkPlan",
    "NetworkSpace",
    "NoSpace",
    "Nowhere",
    "Pairs",
    "PlaceTaken",
    "Plan",
    "Site",
    "Space",
    "SpaceRefused",
    "Table",
    "build_space",
    "plan_of",
]


def build_space(plan: Plan, chance: Chance, rows: int) -> Space:
    """A space for `rows` agents, all nowhere so far (in a network: each at the node of its number, if there are as many).

    Everything random comes from `chance`. Raises SpaceRefused.
    """
    if isinstance(plan, GridPlan):
        return GridSpace(plan, rows)
    if isinstance(plan, NetworkPlan):
        return NetworkSpace(plan, chance, rows)
    if isinstance(plan, ContinuousPlan):
        return ContinuousSpace(plan, rows)
    return Nowhere(rows)
