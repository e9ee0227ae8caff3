"""From the `environment:` of a scenario to a plan in numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulations.engine.spaces.plans import ContinuousPlan, GridPlan, NetworkPlan, NoSpace, Plan, SpaceRefused

if TYPE_CHECKING:
    from simulations.engine.spec.base import Formula
    from simulations.engine.spec.environment import Environment, Network

Number = Callable[["Formula"], float]


def plan_of(environment: Environment, rows: int, number: Number) -> Plan:
    """The plan for `rows` agents; `number` works out a formula of the scenario. Raises SpaceRefused."""
    if environment.space == "grid":
        return _grid(environment, number)
    if environment.space == "network":
        return _network(environment, rows, number)
    if environment.space == "continuous":
        return _continuous(environment, number)
    return NoSpace()


def _grid(environment: Environment, number: Number) -> GridPlan:
    if environment.shape is None:
        raise SpaceRefused("environment.shape", "missing", "A grid needs a shape: [columns, rows].")
    width, height = (round(number(side)) for side in environment.shape)
    return GridPlan(
        width=width,
        height=height,
        torus=environment.torus,
        neighborhood=environment.neighborhood,
        radius=round(number(environment.radius)),
        capacity=environment.capacity,
    )


def _network(environment: Environment, rows: int, number: Number) -> NetworkPlan:
    network = environment.network
    if network is None:
        raise SpaceRefused("environment.network", "missing", "A network needs a kind.")
    return NetworkPlan(
        kind=network.kind,
        nodes=_nodes(network, rows, number),
        degree=round(number(network.degree)),
        probability=number(network.rewire if network.kind == "small_world" else network.probability),
        links=round(number(network.attach)),
        size=round(number(network.size)),
        edges=tuple(network.links()),
        radius=round(number(environment.radius)),
        capacity=environment.capacity,
    )


def _nodes(network: Network, rows: int, number: Number) -> int:
    if isinstance(network.nodes, tuple):
        return len(network.nodes)
    if network.nodes is not None:
        return round(number(network.nodes))
    if network.kind == "cliques" and network.groups is not None:
        return round(number(network.groups)) * round(number(network.size))
    return rows


def _continuous(environment: Environment, number: Number) -> ContinuousPlan:
    if environment.extent is None:
        raise SpaceRefused("environment.extent", "missing", "A continuous space needs an extent: [width, height].")
    width, height = (number(side) for side in environment.extent)
    return ContinuousPlan(width, height, radius=number(environment.radius), torus=environment.torus)
