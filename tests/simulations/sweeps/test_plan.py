from __future__ import annotations

import json
import time
from typing import Any

import pytest

from simulations.engine.errors import ParametersRefused
from simulations.engine.parameters import Parameter
from simulations.engine.run_hash import run_hash
from simulations.engine.spec.promises import Sweep
from simulations.sweeps.plan import Plan, plan_sweep

DECLARED = (
    Parameter("size", "int", 20, "Size", "", minimum=10, maximum=200),
    Parameter("threshold", "float", 0.3, "Threshold", "", minimum=0.0, maximum=1.0),
    Parameter("mode", "choice", "a", "Mode", "", choices=("a", "b")),
)


def plan(most: int = 1000, seed: int = 7, base: dict[str, Any] | None = None, **design: Any) -> Plan:
    return plan_sweep(
        Sweep.model_validate_json(json.dumps(design)),
        declared=DECLARED,
        base=base or {},
        first_seed=seed,
        most_runs=most,
    )


def test_a_grid_is_every_combination_with_every_seed() -> None:
    made = plan(grid={"threshold": [0.2, 0.4], "mode": ["a", "b"]}, seeds=3, base={"size": 30})
    assert [dict(cell) for cell in made.cells] == [
        {"size": 30, "threshold": threshold, "mode": mode} for threshold in (0.2, 0.4) for mode in ("a", "b")
    ]
    assert (made.seeds, made.axes, made.runs) == ((7, 8, 9), ("threshold", "mode"), 12)


def test_a_list_is_as_given_and_what_is_given_twice_is_played_once() -> None:
    made = plan(list=[{"size": 10}, {"size": 11, "threshold": 0.5}, {"size": 10}], seeds=2)
    assert [(cell["size"], cell["threshold"]) for cell in made.cells] == [(10, 0.3), (11, 0.5)]
    assert made.runs == 4


@pytest.mark.parametrize("kind", ["sobol", "latin_hypercube"])
def test_samples_are_spread_evenly_and_the_same_for_the_same_seed(kind: str) -> None:
    design: dict[str, Any] = {kind: {"samples": 10, "ranges": {"threshold": [0.2, 0.8], "size": [10, 200]}}, "seeds": 1}
    made = plan(**design)
    assert made == plan(**design)
    assert made != plan(**design, seed=8)
    values = sorted(cell["threshold"] for cell in made.cells)
    assert len(values) == 10
    assert all(isinstance(cell["size"], int) for cell in made.cells)
    halves = sum(float(value) < 0.5 for value in values)
    assert halves == 5 if kind == "latin_hypercube" else 4 <= halves <= 6


def test_too_many_runs_are_refused_before_anything_is_counted_out() -> None:
    began = time.process_time()
    with pytest.raises(ParametersRefused, match="10,000,000 runs; at most 10,000") as refused:
        plan(most=10_000, sobol={"samples": 10_000_000, "ranges": {"threshold": [0, 1]}})
    assert refused.value.refusals[0].path == "sweep"
    with pytest.raises(ParametersRefused, match="100,000,000"):
        plan(grid={name: list(range(100)) for name in ("size", "threshold", "mode")}, seeds=100)
    assert time.process_time() - began < 0.5


def test_every_fault_is_named_once() -> None:
    with pytest.raises(ParametersRefused) as refused:
        plan(grid={"threshold": [0.2, 1.5, 2], "size": [5, 20], "mode": ["a", "c"]}, seeds=2)
    assert [refusal.path for refusal in refused.value.refusals] == [
        "parameters.size", "parameters.mode", "parameters.threshold",
    ]  # fmt: skip
    with pytest.raises(ParametersRefused, match="no parameter 'colour'"):
        plan(list=[{"colour": 1}])
    for ends in ([0.5, 0.1], [0, 1e300]):
        with pytest.raises(ParametersRefused, match="A range goes") as refused:
            plan(sobol={"samples": 2, "ranges": {"threshold": ends}})
        assert refused.value.refusals[0].path == "design.sobol.ranges.threshold"
    with pytest.raises(ParametersRefused, match="one of grid"):
        plan(grid={"size": [20]}, list=[{"size": 20}])


def test_one_name_for_plays_that_must_come_out_equal() -> None:
    same: dict[str, Any] = {
        "scenario_digest": "d", "parameters": {"a": 1, "b": 2.0}, "seed": 1, "policy": "rule", "steps": 10,
    }  # fmt: skip
    name = run_hash(**same)
    assert len(name) == 32
    assert run_hash(**{**same, "parameters": {"b": 2.0, "a": 1}}) == name
    others = ({"seed": 2}, {"steps": 11}, {"model": "m"}, {"assign": {"x": "rule"}}, {"parameters": {"a": 1}})
    assert len({run_hash(**{**same, **other}) for other in others} | {name}) == 6
