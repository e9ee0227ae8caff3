from __future__ import annotations

import numpy as np
import pytest

from simulations.engine.randomness import Chance

EVERYONE = np.arange(100_000)


def test_one_draw_equals_its_place_among_many() -> None:
    chance = Chance(seed=12, step=3)
    many = chance.draws("act", EVERYONE[:50], draw=2)
    assert [chance.draw("act", agent, draw=2) for agent in range(50)] == many.tolist()


def test_a_draw_does_not_depend_on_who_else_draws() -> None:
    chance = Chance(seed=12, step=3)
    assert chance.draws("act", np.array([41, 7]))[1] == chance.draws("act", EVERYONE)[7]


def test_the_numbers_stay_the_same_between_releases() -> None:
    assert Chance(seed=1, step=1).draws("act", np.array([0, 1, 2])).tolist() == [
        0.9964474784860919,
        0.6189002087677362,
        0.4191260394859281,
    ]


@pytest.mark.parametrize(
    "other",
    [
        Chance(seed=2, step=1).draws("act", EVERYONE),
        Chance(seed=1, step=2).draws("act", EVERYONE),
        Chance(seed=1, step=1).draws("order", EVERYONE),
        Chance(seed=1, step=1).draws("act", EVERYONE, draw=1),
    ],
    ids=["seed", "step", "stream", "draw"],
)
def test_each_part_of_the_address_gives_other_numbers(other: np.ndarray) -> None:
    ours = Chance(seed=1, step=1).draws("act", EVERYONE)
    assert not np.any(ours == other)
    assert abs(np.corrcoef(ours, other)[0, 1]) < 0.01


def test_draws_are_even_over_the_unit_interval() -> None:
    counts, _ = np.histogram(Chance(seed=5, step=9).draws("act", EVERYONE), bins=100, range=(0, 1))
    chi_square = float(((counts - 1000) ** 2 / 1000).sum())
    assert 60 < chi_square < 150  # 99 degrees of freedom


def test_a_shuffle_keeps_everyone_and_has_no_favourites() -> None:
    people = np.arange(10)
    firsts = [int(Chance(seed=3, step=step).shuffled("order", people)[0]) for step in range(5000)]
    assert sorted(Chance(seed=3, step=1).shuffled("order", people)) == list(range(10))
    assert min(np.bincount(firsts)) > 420
    assert max(np.bincount(firsts)) < 580
