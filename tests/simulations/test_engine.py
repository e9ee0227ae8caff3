from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulations.engine import Decision, DecisionRequest
from simulations.engine.coded_decisions import RulePolicy
from tests.simulations.plays import play, results


class Stubborn:
    """Wants what the town does not offer."""

    name = "stubborn"

    def __init__(self) -> None:
        self.asked: list[int] = []

    def decide_batch(self, requests: Sequence[DecisionRequest]) -> list[Decision]:
        self.asked.append(len(requests))
        return [Decision("emigrate", "llm") for _ in requests]


def test_the_same_seed_gives_the_same_play() -> None:
    with play(seed=3) as one, play(seed=3) as two, play(seed=4) as three:
        first, second, other = ([result.digest for result in results(engine, 8)] for engine in (one, two, three))
    assert first == second
    assert not set(first) & set(other)


def test_residents_never_share_a_cell_and_mesa_agrees_with_the_state() -> None:
    with play(threshold=0.7) as engine:
        engine.run(10)
        town = engine.world
        places = town.state["cell"].tolist()
        assert len(set(places)) == town.state.rows == 360
        assert [agent.body.cell.coordinate for agent in town.agents] == [divmod(place, 20) for place in places]


def test_metrics_are_those_of_the_picture() -> None:
    with play() as engine:
        result = engine.step()
        grid = np.full((20, 20), -1)
        grid.flat[engine.world.state["cell"]] = engine.world.state["group"]
    shares = []
    for row, column in zip(*np.nonzero(grid >= 0), strict=True):
        near = [grid[(row + i) % 20, (column + j) % 20] for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
        seen = [group for group in near if group >= 0]
        shares.append(seen.count(grid[row, column]) / len(seen))
    assert result.metrics["similarity"] == round(sum(shares) / len(shares), 6)
    assert result.metrics["unhappy"] == sum(share < 0.5 for share in shares)


def test_a_settled_town_is_finished_and_stays_as_it_is() -> None:
    with play(threshold=0.3) as engine:
        last = engine.run(500)
        assert (last.finished, last.metrics["unhappy"]) == (True, 0)
        assert last.step < 500
        assert engine.step() == last


def test_distinct_situations_are_asked_about_once() -> None:
    with play() as engine:
        requests = [result.requests for result in results(engine, 6)[1:]]
    assert all(10 < count < 90 for count in requests)


def test_an_action_that_does_not_exist_becomes_staying_and_is_counted() -> None:
    stubborn = Stubborn()
    with play() as engine:
        before = engine.world.state["cell"].tolist()
        for agent in engine.world.agents:
            agent.policy = stubborn
        result = engine.step()
        assert engine.world.state["cell"].tolist() == before
    assert result.metrics["moved"] == 0
    assert (result.refused, stubborn.asked) == (result.requests, [result.requests])


def test_agents_of_one_town_may_decide_in_different_ways() -> None:
    with play() as engine:
        movers = RulePolicy(lambda _: "move")
        for agent in engine.world.agents[:50]:
            agent.policy = movers
        for agent in engine.world.agents[50:]:
            agent.policy = RulePolicy(lambda _: "stay")
        before = engine.world.state["cell"].copy()
        result = engine.step()
        moved = np.flatnonzero(engine.world.state["cell"] != before)
    assert result.metrics["moved"] == 50
    assert set(moved) <= set(range(50))


def test_under_random_activation_a_resident_sees_who_left_before_its_turn() -> None:
    with play(activation="random") as one, play(activation="simultaneous") as other:
        wished = one.latest.metrics["unhappy"]
        assert other.step().metrics["moved"] == wished
        assert one.step().metrics["moved"] != wished
