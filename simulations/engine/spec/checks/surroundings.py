"""The environment: a space has what it needs, a network its nodes, globals and pools their numbers; and time."""

from __future__ import annotations

from simulations.engine.expressions import Kind, listed
from simulations.engine.spec.checks.effects import check_shared_effect
from simulations.engine.spec.environment import ACTIVATIONS, Environment, Network, NodeName
from simulations.engine.spec.faults import Faults, check_constant, check_probability
from simulations.engine.spec.scopes import Scopes

AT_LEAST_ONE = "This must be at least 1; it can be {value}."


def check_environment(faults: Faults, scopes: Scopes) -> None:
    environment = scopes.spec.environment
    here = faults.at("environment")
    _check_space(here, scopes, environment)
    for name, each in environment.globals.items():
        wants: Kind = "bool" if each.type == "bool" else "number"
        here.at("globals", name, "init").expression(each.init, scopes.settings.drawing(), wants)
    for name, pool in environment.pools.items():
        amount = here.at("pools", name, "amount").expression(pool.amount, scopes.settings.drawing(), "number")
        detail = "A pool cannot hold less than nothing; this can be {value}."
        check_constant(here.at("pools", name, "amount"), scopes.spec, amount, lambda value: value >= 0, detail)
    for name, market in environment.markets.items():
        here.at("markets", name, "low").expression(market.low, scopes.settings, "number")
        here.at("markets", name, "high").expression(market.high, scopes.settings, "number")
    for section in ("before", "after"):
        for number, effect in enumerate(getattr(environment, section)):
            check_shared_effect(here.at(section, number), scopes, effect)


def _check_space(faults: Faults, scopes: Scopes, environment: Environment) -> None:
    needed = {"grid": "shape", "continuous": "extent", "network": "network"}
    for space, part in needed.items():
        given = getattr(environment, part)
        if environment.space == space and given is None:
            faults.at(part).add("missing", f"A space of kind {space} needs {part}.")
        if environment.space != space and given is not None:
            faults.at(part).add("unused", f"Only a space of kind {space} has {part}; this one is {environment.space}.")
    for part in ("shape", "extent"):
        for number, side in enumerate(getattr(environment, part) or ()):
            _check_positive(faults.at(part, number), scopes, side)
    radius = faults.at("radius").expression(environment.radius, scopes.settings, "number")
    check_constant(
        faults.at("radius"), scopes.spec, radius, lambda value: value > 0, "A radius is above 0; this can be {value}."
    )
    if environment.network:
        _check_network(faults.at("network"), scopes, environment.network)


def _check_positive(faults: Faults, scopes: Scopes, text: object) -> None:
    expression = faults.expression(text, scopes.settings, "number")  # type: ignore[arg-type]  # a formula
    check_constant(faults, scopes.spec, expression, lambda value: value >= 1, AT_LEAST_ONE)


def _check_network(faults: Faults, scopes: Scopes, network: Network) -> None:
    for part in ("degree", "attach", "size", "groups"):
        if (text := getattr(network, part)) is not None:
            _check_positive(faults.at(part), scopes, text)
    for part in ("rewire", "probability"):
        check_probability(
            faults.at(part), scopes.spec, faults.at(part).expression(getattr(network, part), scopes.settings, "number")
        )
    if network.nodes is not None and not isinstance(network.nodes, tuple):
        _check_positive(faults.at("nodes"), scopes, network.nodes)
    if network.kind == "edges":
        _check_edges(faults, network)
    elif network.edges:
        faults.at("edges").add("unused", f"Only a network of kind edges has edges; this one is {network.kind}.")


def _check_edges(faults: Faults, network: Network) -> None:
    if not network.edges:
        faults.at("edges").add("missing", "A network of kind edges lists them: [[0, 1], [1, 2]].")
    for number, edge in enumerate(network.edges):
        for end, node in enumerate(edge):
            _check_node(faults.at("edges", number, end), network, node)
        if edge[0] == edge[1]:
            faults.at("edges", number).add("loop", "A link joins two different nodes.")


def _check_node(faults: Faults, network: Network, node: NodeName) -> None:
    nodes = network.nodes
    if isinstance(node, str) and not (isinstance(nodes, tuple) and node in nodes):
        known = listed(nodes) if isinstance(nodes, tuple) else "none; name them with nodes: [a, b]"
        faults.add("missing_node", f"There is no node “{node}”. There are: {known}.")
    if isinstance(node, int):
        most = len(nodes) if isinstance(nodes, tuple) else nodes
        if node < 0 or (isinstance(most, int | float) and node >= most):
            top = f" to {int(most) - 1}" if isinstance(most, int | float) else " on"
            faults.add("missing_node", f"There is no node {node}; nodes are numbered from 0{top}.")


def check_time(faults: Faults, scopes: Scopes) -> None:
    time, here = scopes.spec.time, faults.at("time")
    kinds = _activations(here.at("activation"), scopes)
    if "staged" in kinds and not time.stages:
        here.at("stages").add("missing", "Staged activation names its stages: [first, second].")
    if "event" in kinds and time.every is None:
        here.at("every").add("missing", "Activation by events says how long an agent waits: every: exponential(1).")
    for archetype in scopes.spec.archetypes:
        every = here.at("every").expression(time.every, scopes.init(archetype), "number")
        check_constant(
            here.at("every"), scopes.spec, every, lambda value: value > 0, "A wait is above 0; this can be {value}."
        )
        if every is None:
            break
    here.at("stop_when").expression(time.stop_when, scopes.world, "bool")


def _activations(faults: Faults, scopes: Scopes) -> tuple[str, ...]:
    wanted = scopes.spec.time.activation
    setting = scopes.spec.parameters.get(wanted)
    if setting and setting.type == "choice" and set(setting.choices) <= set(ACTIVATIONS):
        return setting.choices
    if wanted not in ACTIVATIONS:
        choices = "or a parameter of type choice with some of these as its choices"
        faults.add("unknown", f"There is no activation “{wanted}”. There are: {', '.join(ACTIVATIONS)}; {choices}.")
    return (wanted,)
