"""Who acts, what they see, who decides for them, and what is therefore asked."""

from __future__ import annotations

import numpy as np

from simulations.engine.asking import ask_for, parts_of
from simulations.engine.batches import Batch
from simulations.engine.policies.columns import VectorRulePolicy
from simulations.engine.randomness import Ints
from simulations.engine.stages.turn import Group, Turn


class Schedule:
    """Who is active, in which order; in stages, one round after the other."""

    name = "schedule"
    each_round = False

    async def __call__(self, turn: Turn) -> None:
        turn.rounds = turn.world.rounds()


class Observe:
    """Everyone who acts in this round looks at the same state."""

    name = "observe"
    each_round = True

    async def __call__(self, turn: Turn) -> None:
        world = turn.world
        rows = np.sort(turn.present.order)
        archetypes = world.archetype_of(rows)
        for number, name in enumerate(world.archetypes):
            mine = rows if len(world.archetypes) == 1 else rows[archetypes == number]
            if mine.size:
                turn.batches[number] = world.observe(name, mine)


class Route:
    """Who decides for whom: the archetype's policy with its routes, or whoever sits in an agent's place."""

    name = "route"
    each_round = True

    async def __call__(self, turn: Turn) -> None:
        moment = turn.moment()
        for number, batch in turn.batches.items():
            for policy, places in parts_of(turn.policies[batch.archetype], batch, moment):
                turn.groups.append(Group(policy, number, batch, places))


class Key:
    """Each distinct situation once, with the key by which caches and logs know it; rules over columns need none."""

    name = "key"
    each_round = True

    async def __call__(self, turn: Turn) -> None:
        moment = turn.moment()
        for group in turn.groups:
            if not isinstance(group.policy, VectorRulePolicy):
                group.asked = ask_for((group.policy, group.places), group.batch, moment)
                turn.requests += len(group.asked.requests)


def narrowed(batch: Batch, places: Ints) -> Batch:
    """A batch of some of the agents."""
    if places.size == batch.rows.size:
        return batch
    fields = {name: values[places] for name, values in batch.fields.items()}
    return Batch(
        batch.archetype, batch.rows[places], fields, batch.actions, batch.legal[places], batch.step, batch.words
    )
