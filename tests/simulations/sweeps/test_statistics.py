from __future__ import annotations

import statistics
from typing import Any

import pytest

from simulations.engine.errors import ParametersRefused
from simulations.sweeps.sensitivity import variants_of
from simulations.sweeps.statistics import Sums, bootstrap

VALUES = [0.71, 0.74, 0.69, 0.80, 0.77]


def test_sums_grow_by_one_value_and_know_student_t() -> None:
    sums = Sums()
    for value in VALUES:
        sums = sums.add(value)
    assert (sums.n, sums.low, sums.high) == (5, 0.69, 0.80)
    assert sums.mean == pytest.approx(statistics.fmean(VALUES))
    assert sums.deviation == pytest.approx(statistics.stdev(VALUES))
    reach = 2.776445 * statistics.stdev(VALUES) / 5**0.5  # t(4) at 97.5 %, from any table
    assert sums.interval() == pytest.approx((sums.mean - reach, sums.mean + reach), rel=1e-6)


def test_one_run_says_nothing_of_chance() -> None:
    assert Sums().add(3.0).interval() is None
    assert bootstrap([3.0]) is None


def test_the_bootstrap_is_the_same_each_time_and_near_student() -> None:
    low, high = bootstrap(VALUES) or (0, 0)
    assert bootstrap(VALUES) == (low, high)
    assert 0.70 < low < statistics.fmean(VALUES) < high < 0.79


def test_each_observation_is_made_coarser_and_finer() -> None:
    observations: dict[str, dict[str, Any]] = {
        "trader": {
            "price": {"value": "global.price", "bins": [5, 10, 20]},
            "mood": {"value": "mood", "levels": 4},
            "share": {"value": "share", "round": 1},
            "exact": {"value": "cash"},
        }
    }
    definition = {"kind": "Scenario", "spec": {"observations": observations}}
    made = {variant.name: variant.definition["spec"]["observations"]["trader"] for variant in variants_of(definition)}
    assert made["as declared"] == observations["trader"]
    assert made["trader.price: half the bins"]["price"]["bins"] == [10]
    assert made["trader.price: twice the bins"]["price"]["bins"] == [5, 7.5, 10, 15, 20]
    assert made["trader.mood: half the levels"]["mood"]["levels"] == 2
    assert made["trader.mood: twice the levels"]["mood"]["levels"] == 8
    assert made["trader.share: one digit less"]["share"]["round"] == 0
    assert made["trader.share: one digit more"]["share"]["round"] == 2
    assert len(made) == 7
    assert observations["trader"]["price"]["bins"] == [5, 10, 20]


def test_without_bins_there_is_nothing_to_vary() -> None:
    with pytest.raises(ParametersRefused, match="No observation"):
        variants_of({"spec": {"observations": {"a": {"b": {"value": "c"}}}}})
