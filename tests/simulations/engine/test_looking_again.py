"""While agents act in turn: who is told to look again, and whether a single look sees what all would see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.engine.parameters import settle_parameters
from simulations.engine.randomness import Chance
from simulations.engine.world.declared import DeclaredWorld
from simulations.engine.world.worlds import world_of
from simulations.scenarios import scenario_of

PLAYS: dict[str, dict[str, Any]] = {
    "schelling": {"size": 10, "density": 0.8},
    "nowak-may": {"size": 10, "activation": "random"},
    "voter": {"islands": 3},
    "deffuant": {"people": 20},
    "boltzmann": {"people": 20},
    "hotelling": {},
    "double-auction": {},
}


def world(key: str) -> DeclaredWorld:
    spec = scenario_of(key)
    assert spec is not None
    made = world_of(spec, settle_parameters(spec.declared(), PLAYS[key]), Chance(3, 0))
    made.begin(1, Chance(3, 1))
    return made


def seen_by_all(made: DeclaredWorld) -> list[Any]:
    found = []
    for eyes in made.eyes:
        rows = np.flatnonzero(made.archetype_of(np.arange(made.state.rows)) == made.archetypes.index(eyes.archetype))
        batch = made.observe(eyes.archetype, rows)
        found += list(zip(rows.tolist(), eyes.plain(batch, np.arange(rows.size)), strict=True))
    return [seen for _, seen in sorted(found, key=lambda each: each[0])]


@pytest.mark.parametrize("key", PLAYS)
@given(data=st.data())
@settings(max_examples=6)
def test_who_need_not_look_again_sees_the_same_and_one_look_sees_what_all_see(key: str, data: st.DataObject) -> None:
    made = world(key)
    rows = made.state.rows
    before = seen_by_all(made)
    made.begin_turns(np.arange(rows))
    for row in data.draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=6)):
        legal = made.look(row)[1]
        action = data.draw(st.integers(0, len(made.actions) - 1))
        if legal >> action & 1:
            args = made.blueprint.spec.actions[made.actions[action]].args
            made.act_one(row, action, dict.fromkeys(args, 0.5))
    again = [made.must_look_again(row) for row in range(rows)]
    single = [made.look(row) for row in range(rows)]
    made.end_turns()
    made.deriving.all()
    after = seen_by_all(made)
    assert single == after
    assert [row for row in range(rows) if not again[row] and before[row] != after[row]] == []
