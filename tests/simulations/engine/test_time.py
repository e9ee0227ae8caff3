from __future__ import annotations

import numpy as np
import pytest

from simulations.engine import HybridSimulationEngine
from simulations.scenarios import catalogue
from tests.simulations.engine.small import column, people, play, scenario

NOWHERE = {"space": "none"}
COUNTING = {"turns": {"type": "int", "init": 0}, "last": {"type": "float", "init": 0}}
ACTIONS = {"act": {"effect": [{"add": "turns", "value": "1"}, {"set": "last", "to": "time"}]}}
RULE = {"rule": {"kind": "rule", "choose": [{"do": "act"}]}}
METRICS = {"turns": {"sum": "turns", "over": "person"}}


def test_by_events_an_agent_acts_when_its_wait_is_over() -> None:
    engine = play(
        scenario(
            environment=NOWHERE,
            time={"activation": "event", "every": "0.5 + id"},
            archetypes=people(3, COUNTING),
            actions=ACTIONS,
            policies=RULE,
            metrics=METRICS,
        ),
        6,
    )
    assert column(engine, "turns") == [12, 4, 2]
    assert column(engine, "last") == [6.0, 6.0, 5.0]


def test_random_waits_have_the_rate_that_they_say() -> None:
    engine = play(
        scenario(
            environment=NOWHERE,
            time={"activation": "event", "every": "exponential(2)"},
            archetypes=people(200, COUNTING),
            actions=ACTIONS,
            policies=RULE,
            metrics=METRICS,
        ),
        10,
    )
    turns = np.asarray(column(engine, "turns"))
    assert turns.mean() == pytest.approx(20, abs=1)
    assert turns.var() == pytest.approx(20, abs=6)


def test_in_stages_the_later_ones_see_what_the_earlier_did() -> None:
    archetypes = {
        "caller": {"count": "2", "stage": "call", "state": {"said": {"type": "int", "init": 0}}},
        "hearer": {"count": "2", "stage": "hear", "state": {"heard": {"type": "int", "init": 0}}},
    }
    engine = play(
        scenario(
            environment={"space": "none", "globals": {"calls": {"type": "int", "init": 0}}},
            time={"activation": "staged", "stages": ["call", "hear"]},
            archetypes=archetypes,
            actions={
                "call": {"archetypes": ["caller"], "effect": [{"add": "global.calls", "value": "1"}]},
                "hear": {"archetypes": ["hearer"], "effect": [{"set": "heard", "to": "global.calls"}]},
            },
            policies={
                "rule": {
                    "kind": "rule",
                    "archetypes": {"caller": {"choose": [{"do": "call"}]}, "hearer": {"choose": [{"do": "hear"}]}},
                }
            },
            metrics={"heard": {"max": "heard", "over": "hearer"}},
        ),
        3,
    )
    assert engine.latest.metrics["heard"] == 6


def test_when_people_act_changes_what_comes_out() -> None:
    """Nowak & May 1992 against Huberman & Glance 1993, on a small grid."""
    game, shares = catalogue()["nowak-may"], {}
    for activation in ("simultaneous", "random"):
        engine = HybridSimulationEngine(game, seed=2, parameters={"size": 20, "activation": activation})
        shares[activation] = engine.run_now(30).metrics["cooperation"]
    assert shares["simultaneous"] > 0.2
    assert shares["random"] < 0.1


@pytest.mark.parametrize("seed", [1, 2])
def test_who_acts_in_turn_sees_what_those_before_it_did(seed: int) -> None:
    """Each takes the largest number so far plus one: only in turn do all come out different."""
    spec = scenario(
        environment=NOWHERE,
        time={"activation": "random"},
        archetypes={
            "person": {
                "count": "8",
                "state": {"number": {"type": "int", "init": 0}},
                "derived": {"largest": {"max": "number", "over": "all"}},
            }
        },
        observations={"person": {"largest": {"value": "largest"}}},
        actions={
            "take": {"args": {"n": {"type": "int", "min": 0, "max": 100}}, "effect": [{"set": "number", "to": "n"}]}
        },
        policies={"rule": {"kind": "rule", "choose": [{"do": "take", "with": {"n": "largest + 1"}}]}},
        metrics={"largest": {"max": "number", "over": "person"}},
    )
    assert sorted(column(play(spec, 1, seed=seed), "number")) == list(range(1, 9))


def test_who_acts_twice_in_a_step_meets_somebody_else() -> None:
    """Everyone acts ten times in one step and notes each time whom it meets: with one partner the sum would be ten times a row."""
    engine = play(
        scenario(
            environment=NOWHERE,
            time={"activation": "event", "every": "0.1"},
            archetypes=people(50, {"met": {"type": "float", "init": 0}}, partner="all"),
            actions={"meet": {"effect": [{"add": "met", "value": "partner.id"}]}},
            policies={"rule": {"kind": "rule", "choose": [{"do": "meet"}]}},
            metrics={"met": {"sum": "met", "over": "person"}},
        ),
        1,
    )
    assert sum(total % 10 != 0 for total in column(engine, "met")) > 30
