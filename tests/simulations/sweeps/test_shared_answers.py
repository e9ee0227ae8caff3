"""One book of answers for all runs of a sweep: what one run paid for, the others find."""

from __future__ import annotations

import re

import pytest

from simulations.engine.decisions import Question
from simulations.engine.factory import Deciding, build_engine
from simulations.engine.policies.building import Ports
from simulations.engine.policies.store import MemoryStore
from simulations.engine.spec.promises import Sweep
from simulations.scenarios import scenario_of
from simulations.sweeps.plan import plan_sweep
from tests.simulations.policies.scripted import ScriptedModels, shares
from tests.thorough import only_in_ci


def resident(question: Question) -> object:
    """Moves away, mostly, where less than 40 % are alike."""
    found = re.search(r"(\d+) hold people of your own group and (\d+)", question.prompt)
    assert found is not None
    same, other = map(int, found.groups())
    return shares(move=90, stay=10) if same + other and same / (same + other) < 0.4 else shares(move=2, stay=98)


def calls_of(runs: int, size: int, steps: int) -> tuple[int, int]:
    """(calls of the first run, calls of all) of a sweep of Schelling over that many seeds."""
    spec = scenario_of("schelling")
    assert spec is not None
    plan = plan_sweep(
        Sweep(seeds=runs),
        declared=spec.declared(),
        base={"size": size, "density": 0.8},
        first_seed=1,
        most_runs=1000,
    )
    assert len(set(plan.seeds)) == plan.runs == runs
    models, store, first = ScriptedModels(resident), MemoryStore(), 0
    for seed in plan.seeds:
        deciding = Deciding(ports=Ports(models=models, store=store))
        with build_engine(spec, seed=seed, parameters=plan.cells[0], policy="llm", deciding=deciding) as engine:
            latest = engine.run_now(steps)
        assert not latest.fallbacks
        first = first or len(models.asked)
    return first, len(models.asked)


def test_all_runs_together_ask_less_than_twice_what_one_asks() -> None:
    first, every = calls_of(runs=12, size=25, steps=6)
    assert 20 < first <= every <= 2 * first


@only_in_ci
@pytest.mark.slow
def test_two_hundred_runs_ask_less_than_twice_what_one_asks() -> None:
    first, every = calls_of(runs=200, size=50, steps=10)
    assert 20 < first <= every <= 2 * first
