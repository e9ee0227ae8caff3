"""One step: schedule → observe → decide (and validate) → act → record. Each stage is a function of the turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from simulations.engine.coded_decisions import Decision, DecisionPolicy, DecisionRequest
from simulations.engine.randomness import Chance, Ints
from simulations.engine.scenario import Metrics, World
from simulations.engine.state import Delta

_NONE: Ints = np.empty(0, np.int64)


@dataclass(slots=True)
class Turn:
    """What one step has found out so far. `codes`, `choices` and `draws` are aligned with `order`."""

    step: int
    world: World
    chance: Chance
    order: Ints = field(default_factory=lambda: _NONE)
    codes: Ints = field(default_factory=lambda: _NONE)
    choices: Ints = field(default_factory=lambda: _NONE)
    decided: dict[tuple[int, int], int] = field(default_factory=dict)
    requests: int = 0
    refused: int = 0
    metrics: Metrics = field(default_factory=dict)
    delta: Delta = field(default_factory=dict)


Stage = Callable[[Turn], None]


def schedule(turn: Turn) -> None:
    """Who is active, in the seeded order in which they will act."""
    turn.order = turn.chance.shuffled("order", turn.world.active())


def observe(turn: Turn) -> None:
    """Everyone sees the same frozen state."""
    turn.world.touched.clear()
    turn.codes = turn.world.observe(turn.order)


def decide(turn: Turn) -> None:
    """Ask each policy about each distinct situation once, and give every agent its answer."""
    turn.choices = np.zeros(turn.order.size, np.int64)
    for policy, places in _by_policy(turn.world, turn.order):
        codes, back = np.unique(turn.codes[places], return_inverse=True)
        archetypes = turn.world.agents[int(turn.order[places[0]])].archetype
        answers = ask(turn, policy, archetypes, codes.tolist())
        turn.choices[places] = np.asarray(answers)[back]


def _by_policy(world: World, order: Ints) -> Iterable[tuple[DecisionPolicy, Ints]]:
    groups: dict[tuple[int, str], tuple[DecisionPolicy, list[int]]] = {}
    for place, row in enumerate(order.tolist()):
        agent = world.agents[row]
        groups.setdefault((id(agent.policy), agent.archetype), (agent.policy, []))[1].append(place)
    return [(policy, np.asarray(places)) for policy, places in groups.values()]


def ask(turn: Turn, policy: DecisionPolicy, archetype: str, codes: Sequence[int]) -> list[int]:
    """Indexes of the actions chosen for these situations, validated and remembered for the rest of the step."""
    world, legal = turn.world, turn.world.legal()
    requests = [DecisionRequest(code, archetype, world.describe(code), legal) for code in codes]
    turn.requests += len(requests)
    decisions = policy.decide_batch(requests)
    chosen = [validate(turn, decision, legal) for decision in decisions]
    turn.decided.update({(id(policy), code): choice for code, choice in zip(codes, chosen, strict=True)})
    return chosen


def validate(turn: Turn, decision: Decision, legal: frozenset[str]) -> int:
    """An action that is not possible becomes the one that does nothing, and is counted."""
    if decision.action in legal:
        return turn.world.actions.index(decision.action)
    turn.refused += 1
    return 0


def act(turn: Turn) -> None:
    """Apply the choices in order. Under random activation an agent whose view has changed decides anew."""
    world = turn.world
    sequential = world.activation == "random"
    draws = turn.chance.draws("act", turn.order).tolist()
    for row, choice, draw in zip(turn.order.tolist(), turn.choices.tolist(), draws, strict=True):
        final = _again(turn, row) if sequential and row in world.touched else choice
        if final:
            world.act(row, world.actions[final], draw)


def _again(turn: Turn, row: int) -> int:
    agent = turn.world.agents[row]
    code = turn.world.look_again(row)
    known = turn.decided.get((id(agent.policy), code))
    return ask(turn, agent.policy, agent.archetype, [code])[0] if known is None else known


def record(turn: Turn) -> None:
    """Take the metrics, then close the state's books."""
    turn.metrics = turn.world.measure()
    turn.delta = turn.world.state.commit()


STAGES: tuple[Stage, ...] = (schedule, observe, decide, act, record)
