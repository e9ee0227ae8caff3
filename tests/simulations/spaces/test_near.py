"""Sums over neighbours come out the same in every layout, and as plain Python says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.engine.spaces import Everyone, Pairs, Table
from simulations.engine.spaces.near import Near, with_self

WEALTH = np.asarray([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
GROUP = np.asarray([0, 1, 0, 1, 1, 0, 0, 1])


def layouts(near: list[list[int]], rows: list[int]) -> list[Near]:
    """The same neighbours as a table and as pairs."""
    most = max(map(len, near), default=0)
    table, mask = np.zeros((most, len(near)), np.int64), np.zeros((most, len(near)), np.bool_)
    for at, others in enumerate(near):
        table[: len(others), at], mask[: len(others), at] = others, True
    observers = np.repeat(np.arange(len(near)), [len(others) for others in near])
    flat = np.asarray([row for others in near for row in others], np.int64)
    return [Table(table, mask), Pairs(len(near), observers, flat)]


def check(near: Near, expected: list[list[int]], rows: list[int]) -> None:
    """Held against plain Python; `where` compares both, `values` mixes both."""
    seen = [
        [other for other in others if GROUP[other] == GROUP[row]] for others, row in zip(expected, rows, strict=True)
    ]
    where = near.take(GROUP) == near.own(GROUP[rows])
    values = near.take(WEALTH) - near.own(WEALTH[rows])
    gains = [[WEALTH[other] - WEALTH[row] for other in others] for others, row in zip(seen, rows, strict=True)]
    assert near.count(where).tolist() == [len(others) for others in seen]
    assert near.sum(values, where) == pytest.approx([sum(each) for each in gains])
    nan = math.nan
    assert near.mean(values, where) == pytest.approx([sum(e) / len(e) if e else nan for e in gains], nan_ok=True)
    assert near.min(values, where) == pytest.approx([min(e, default=nan) for e in gains], nan_ok=True)
    assert near.max(values, where) == pytest.approx([max(e, default=nan) for e in gains], nan_ok=True)
    best = [others[gain.index(max(gain))] if gain else -1 for others, gain in zip(seen, gains, strict=True)]
    assert near.best(values, where).tolist() == best


@settings(max_examples=40)
@given(st.lists(st.lists(st.integers(0, 7), unique=True, max_size=6), min_size=1, max_size=8))
def test_tables_and_pairs(drawn: list[list[int]]) -> None:
    rows = list(range(len(drawn)))
    near = [[other for other in others if other != row] for row, others in zip(rows, drawn, strict=True)]
    for layout in layouts(near, rows):
        check(layout, near, rows)
        assert isinstance(layout, Table | Pairs)
        check(with_self(layout, np.asarray(rows)), [[row, *near[row]] for row in rows], rows)


@pytest.mark.parametrize("and_self", [False, True])
@pytest.mark.parametrize("rows", [[0, 3, 7], [5]])
@pytest.mark.parametrize("among", [[0, 1, 2, 3, 4, 5, 6, 7], [1, 3, 4], []])
def test_everyone(among: list[int], rows: list[int], *, and_self: bool) -> None:
    near = Everyone(np.asarray(rows), np.asarray(among, np.int64), and_self=and_self)
    expected = [[other for other in among if other != row or and_self] for row in rows]
    first = [
        [row] * (row in others) + [other for other in others if other != row]
        for others, row in zip(expected, rows, strict=True)
    ]
    check(near, first, rows)
    richest = [max(others, key=lambda other: WEALTH[other], default=-1) for others in first]
    assert near.best(near.take(WEALTH)).tolist() == richest  # what concerns the others alone is worked out once


def test_what_concerns_the_others_alone_is_not_spread_over_observers() -> None:
    everyone = np.arange(100_000)
    near = Everyone(everyone, everyone)
    assert near.count(near.take(everyone) < 50_000)[[0, 99_999]].tolist() == [49_999, 50_000]
