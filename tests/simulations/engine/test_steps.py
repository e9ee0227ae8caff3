from __future__ import annotations

import asyncio
import tracemalloc
from typing import Any

import numpy as np
import pytest

from simulations.engine import HybridSimulationEngine, Intervention
from simulations.engine.errors import ParametersRefused, SimulationError
from simulations.engine.expressions import ExpressionFailed
from simulations.engine.hybrid import Manner
from simulations.engine.intervening import InterventionRefused
from simulations.engine.spec import ScenarioRefused
from simulations.engine.stages import STAGES, Turn
from simulations.engine.world.counting import TooLarge
from tests.simulations.engine.small import column, people, play, scenario
from tests.simulations.plays import SCHELLING, digests
from tests.simulations.plays import play as town

NOWHERE = {"space": "none"}


def test_the_same_seed_gives_the_same_play_and_another_one_another() -> None:
    with town(seed=3) as one, town(seed=3) as two, town(seed=4) as three:
        first, second, other = (digests(engine, 5) for engine in (one, two, three))
    assert first == second
    assert not set(first) & set(other)


def test_every_stage_is_timed_and_may_be_replaced() -> None:
    class Loud:
        name = "publish"
        each_round = False
        heard: list[int] = []

        async def __call__(self, turn: Turn) -> None:
            self.heard.append(turn.step)

    loud = Loud()
    engine = HybridSimulationEngine(
        SCHELLING, seed=1, parameters={"size": 10}, manner=Manner(stages=(*STAGES[:-1], loud))
    )
    engine.run_now(2)
    assert loud.heard == [1, 2]
    names = ["schedule", "observe", "route", "key", "decide", "validate", "resolve", "act", "record", "publish"]
    assert list(engine.latest.timings) == names


def test_a_settled_town_is_finished_and_stays_as_it_is() -> None:
    with town(threshold=0.3) as engine:
        last = engine.run_now(500)
        assert (last.finished, last.metrics["unhappy"]) == (True, 0)
        assert last.step < 500
        assert asyncio.run(engine.step()) is last


def test_metrics_are_those_of_the_picture() -> None:
    with town() as engine:
        result = engine.run_now(1)
        grid = np.full((20, 20), -1)
        grid.flat[engine.world.state["place"]] = engine.world.state["group"]
    shares = []
    for row, place in zip(*np.nonzero(grid >= 0), strict=True):
        near = [grid[(row + i) % 20, (place + j) % 20] for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
        seen = [group for group in near if group >= 0]
        shares.append(seen.count(grid[row, place]) / len(seen))
    assert result.metrics["similarity"] == pytest.approx(sum(shares) / len(shares), abs=1e-12)
    assert result.metrics["unhappy"] == sum(share < 0.5 for share in shares)


def test_mesa_agrees_where_everybody_is_and_an_agent_is_its_row_with_a_policy() -> None:
    with town(threshold=0.7) as engine:
        engine.run_now(3)
        bodies = engine.bodies()
        places = column(engine, "place")
        assert [bodies[row].cell for row in range(360)] == [bodies.cells[place] for place in places]
        agent = engine.agent(7)
        assert (agent.body, agent.archetype, agent.policy.name) == (bodies[7], "resident", "rule")
        assert agent.slots["place"] == places[7]


@pytest.mark.parametrize("value", ["1 / (3 - step)", "exp(700) * exp(700) if step == 3 else 0"])
def test_a_metric_that_is_no_number_ends_the_play_and_the_step_never_was(value: str) -> None:
    spec = scenario(metrics={"odd": {"value": value}})
    engine = HybridSimulationEngine(spec, seed=1)
    before = engine.run_now(2).digest
    state = column(engine, "place")
    with pytest.raises(SimulationError, match="has no value"):
        engine.run_now(3)
    assert (engine.step_number, engine.digest, column(engine, "place")) == (2, before, state)
    assert engine.world.state.digest(2) == before


def test_an_effect_that_fails_for_one_agent_changes_nobody() -> None:
    spec = scenario(
        environment=NOWHERE,
        time={"activation": "random"},
        archetypes=people(6, {"a": {"type": "float", "init": "id"}}),
        actions={"act": {"effect": [{"set": "a", "to": "6 / (5 - a)"}]}},
        policies={"rule": {"kind": "rule", "choose": [{"do": "act"}]}},
        metrics={"a": {"sum": "a", "over": "person"}},
    )
    engine = HybridSimulationEngine(spec, seed=1)
    with pytest.raises(ExpressionFailed, match="6 / "):
        engine.run_now(1)
    assert column(engine, "a") == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        (
            {"archetypes": {"walker": {"count": "1000000000", "state": {"steps": {"type": "int", "init": 0}}}}},
            "spec.archetypes.walker.count",
        ),
        (
            {
                "archetypes": {
                    "walker": {"count": "12", "state": {"a": {"enum": ["x", "y"], "init": {"choice": [-1, 2]}}}}
                }
            },
            "choice",
        ),
        ({"actions": {"stay": {}, "go": {"effect": [{"explode": True}]}}}, "effect"),
    ],
)
def test_what_cannot_be_played_is_refused_with_its_path(spec: dict[str, Any], path: str) -> None:
    with pytest.raises(ScenarioRefused) as caught:
        scenario(**spec)
    assert any(path in problem.path for problem in caught.value.problems)


def test_too_many_agents_are_refused_before_anything_is_made() -> None:
    spec = scenario(
        environment=NOWHERE,
        parameters={"crowd": {"type": "int", "default": 10}},
        archetypes=people(0, {"steps": {"type": "int", "init": 0}})
        | {"walker": {"count": "crowd", "state": {"steps": {"type": "int", "init": 0}}}},
        actions={"stay": {}},
        policies={"rule": {"kind": "rule", "choose": [{"do": "stay"}]}},
    )
    tracemalloc.start()
    with pytest.raises(TooLarge, match="1,000,000,000 agents; at most 1,000,000 may be") as caught:
        HybridSimulationEngine(spec, seed=1, parameters={"crowd": 10**9})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.refusal.path == "archetypes.walker.count"
    assert peak < 5_000_000


def test_an_act_from_outside_counts_from_its_step_and_comes_again_in_a_replay() -> None:
    def played(*acts: Intervention) -> list[str]:
        with town(threshold=0.4) as engine:
            for act in acts:
                assert engine.intervene(act).step == max(act.step, 1)
            return digests(engine, 5)

    change = Intervention(3, "parameter", "threshold", 0.8, "alice")
    plain, changed = played(), played(change)
    assert plain[:3] == changed[:3]
    assert plain[3] != changed[3]
    assert played(change) == changed


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (("parameter", "size", 30), "“size” cannot be changed while it plays; what can: threshold"),
        (("parameter", "threshold", 3), "must be between 0 and 1"),
        (("event", "weather", 1), "There is no “weather” to change"),
        (("message", "360", "Hello"), "There is no agent '360'"),
        (("message", "all", ""), "A message is a text"),
        (("seat", "-1", True), "There is no agent '-1'"),
        (("seat", "1", "yes"), "A seat is taken"),
    ],
)
def test_what_cannot_be_done_to_a_play_is_refused(act: tuple[Any, str, Any], sentence: str) -> None:
    with town() as engine, pytest.raises(InterventionRefused, match=sentence):
        engine.intervene(Intervention(0, *act))


def test_parameters_outside_their_bounds_are_refused() -> None:
    with pytest.raises(ParametersRefused):
        HybridSimulationEngine(SCHELLING, seed=1, parameters={"density": 2})


def test_draws_do_not_depend_on_who_else_is_there() -> None:
    """Common random numbers: the first ten agents draw the same in a crowd of ten and of a thousand."""

    def drawn(count: int) -> list[float]:
        spec = scenario(
            environment=NOWHERE,
            archetypes=people(count, {"a": {"type": "float", "init": 0}}),
            actions={"act": {"effect": [{"set": "a", "to": "uniform(0, 1)"}]}},
            policies={"rule": {"kind": "rule", "choose": [{"do": "act"}]}},
            metrics={"a": {"sum": "a", "over": "person"}},
        )
        return column(play(spec, 2), "a")[:10]

    assert drawn(10) == drawn(1000)
    assert len(set(drawn(10))) == 10
