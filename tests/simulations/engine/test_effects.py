from __future__ import annotations

import pytest

from tests.simulations.engine.small import column, people, play, scenario

NOWHERE = {"space": "none"}
BOTH = pytest.mark.parametrize("activation", ["simultaneous", "random"])


@BOTH
def test_all_effects_of_an_action_see_the_state_before_it(activation: str) -> None:
    effect = [{"set": "a", "to": "b"}, {"set": "b", "to": "a"}]
    engine = play(
        scenario(
            environment=NOWHERE,
            time={"activation": activation},
            archetypes=people(3, {"a": {"type": "int", "init": "id"}, "b": {"type": "int", "init": "id + 10"}}),
            actions={"swap": {"effect": effect}},
            policies={"rule": {"kind": "rule", "choose": [{"do": "swap"}]}},
            metrics={"a": {"sum": "a", "over": "person"}},
        ),
        1,
    )
    assert (column(engine, "a"), column(engine, "b")) == ([10, 11, 12], [0, 1, 2])


@BOTH
def test_wealth_is_neither_made_nor_lost_and_nobody_gives_what_it_has_not(activation: str) -> None:
    engine = play(
        scenario(
            environment=NOWHERE,
            time={"activation": activation},
            archetypes=people(40, {"wealth": {"type": "float", "init": "id % 4", "min": 0}}, partner="all"),
            actions={"give": {"effect": [{"transfer": "wealth", "amount": "uniform(-2, 3)", "to": "partner"}]}},
            policies={"rule": {"kind": "rule", "choose": [{"do": "give"}]}},
            metrics={"total": {"sum": "wealth", "over": "person"}, "least": {"min": "wealth", "over": "person"}},
        ),
        25,
    )
    assert engine.latest.metrics["total"] == pytest.approx(60, abs=1e-9)
    assert engine.latest.metrics["least"] >= 0


@BOTH
def test_nobody_shares_a_cell_and_everybody_moves(activation: str) -> None:
    engine = play(scenario(time={"activation": activation}), 10)
    assert len(set(column(engine, "place"))) == 12
    assert engine.latest.metrics == {"steps": 120.0}


def test_who_finds_no_room_stays_and_is_counted() -> None:
    crowd = {"walker": {"count": "36", "place": "all", "state": {"steps": {"type": "int", "init": 0}}}}
    engine = play(scenario(archetypes=crowd), 1)
    assert column(engine, "place") == list(range(36))
    assert engine.latest.refused == 36


@pytest.mark.parametrize(("resolve", "got"), [("ration", [1.0, 2.0, 3.0]), ("auction", [0.0, 2.0, 4.0])])
def test_a_pool_that_is_too_small_is_shared_as_declared(resolve: str, got: list[float]) -> None:
    effect = [{"take": {"pool": "fish", "amount": "wanted", "into": "caught"}}]
    wanted = "2 * (id + 1)" if resolve == "ration" else "id * 2 if id < 2 else 4"
    state = {"wanted": {"type": "float", "init": wanted}, "caught": {"type": "float", "init": 0}}
    engine = play(
        scenario(
            environment={"space": "none", "pools": {"fish": {"amount": "6"}}},
            archetypes=people(3, state),
            actions={"fish": {"effect": effect, "resolve": resolve, "bid": "wanted"}},
            policies={"rule": {"kind": "rule", "choose": [{"do": "fish"}]}},
            metrics={"left": {"value": "pool.fish"}},
        ),
        1,
    )
    assert (column(engine, "caught"), engine.latest.metrics["left"]) == (got, 0.0)


@BOTH
def test_newcomers_have_numbers_of_their_own_and_the_dead_keep_theirs(activation: str) -> None:
    engine = play(
        scenario(
            time={"activation": activation},
            actions={
                "live": {
                    "effect": [
                        {
                            "create": {"archetype": "walker", "state": {"steps": "steps + 1"}},
                            "when": "steps < 2 and id % 2 == 0",
                        },
                        {"remove": True, "when": "id % 3 == 0"},
                    ]
                }
            },
            policies={"rule": {"kind": "rule", "choose": [{"do": "live"}]}},
            metrics={"alive": {"count": "steps >= 0", "over": "walker"}},
        ),
        2,
    )
    alive = column(engine, "alive")
    assert [row for row, here in enumerate(alive[:12]) if not here] == [0, 3, 6, 9]
    assert engine.world.state.rows > 12
    assert engine.latest.metrics["alive"] == sum(alive)
    places = [place for place, here in zip(column(engine, "place"), alive, strict=True) if here]
    assert len(set(places)) == len(places)
    assert all(place == -1 for place, here in zip(column(engine, "place"), alive, strict=True) if not here)


def test_what_others_add_adds_up_and_stays_within_the_bounds() -> None:
    engine = play(
        scenario(
            environment={"space": "network", "network": {"kind": "star"}},
            archetypes=people(5, {"heard": {"type": "int", "init": 0, "max": 3}}, place="all"),
            actions={"shout": {"effect": [{"add": "heard", "value": "1", "on": "neighbors where id == 0"}]}},
            policies={"rule": {"kind": "rule", "choose": [{"do": "shout"}]}},
            metrics={"heard": {"sum": "heard", "over": "person"}},
        ),
        1,
    )
    assert column(engine, "heard") == [3, 0, 0, 0, 0]


def test_a_message_is_read_once_in_the_next_step_and_is_part_of_the_state() -> None:
    spec = scenario(
        environment=NOWHERE,
        archetypes=people(3, {"said": {"type": "int", "init": 0}}),
        actions={"talk": {"effect": [{"send": {"to": "all", "text": "I am {id}"}, "when": "id == 1 and step == 1"}]}},
        policies={"rule": {"kind": "rule", "choose": [{"do": "talk"}]}},
        metrics={"said": {"sum": "said", "over": "person"}},
    )
    engine = play(spec, 1)
    assert dict(engine.world.messages()) == {0: ["I am 1"], 2: ["I am 1"]}
    engine.run_now(2)
    assert dict(engine.world.messages()) == {}
