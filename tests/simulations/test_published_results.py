"""The library: every published result appears, and every scenario plays by rules, by a model, and by both."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from simulations.engine import HybridSimulationEngine
from simulations.engine.expectations import outcomes
from simulations.engine.factory import Deciding, build_engine
from simulations.engine.policies.building import Ports
from simulations.scenarios import catalogue
from tests.simulations.policies.scripted import ScriptedModels
from tests.thorough import only_in_ci

LIBRARY = catalogue()
QUICK = ("alternating-offers", "double-auction", "forest-fire", "hotelling", "sir", "supply-negotiation", "voter")
LONG = sorted(set(LIBRARY) - set(QUICK))
SMALL: Mapping[str, Mapping[str, Any]] = {
    "boltzmann": {"people": 30},
    "deffuant": {"people": 30},
    "el-farol": {"people": 30},
    "forest-fire": {"size": 12},
    "minority-game": {"players": 31},
    "nowak-may": {"size": 12},
    "schelling": {"size": 12},
    "sir": {"population": 300, "first_cases": 30},
    "voter": {"islands": 5},
}


def test_there_are_fifteen_and_all_but_two_are_yaml_alone() -> None:
    assert len(LIBRARY) == 15
    assert {key for key, spec in LIBRARY.items() if spec.model} == {"el-farol", "minority-game"}
    assert all(spec.source and spec.look_at and spec.expect for spec in LIBRARY.values())


@pytest.mark.parametrize("key", [*QUICK, *(pytest.param(key, marks=only_in_ci) for key in LONG)])
def test_what_was_published_appears(key: str) -> None:
    found = list(outcomes(LIBRARY[key]))
    assert len(found) == len(LIBRARY[key].expect)
    assert [str(outcome) for outcome in found if not outcome.holds] == []


@only_in_ci
def test_schelling_simultaneous_activation_gives_the_same_division() -> None:
    with HybridSimulationEngine(
        LIBRARY["schelling"], seed=1, parameters={"threshold": 0.5, "activation": "simultaneous"}
    ) as engine:
        assert 0.82 <= engine.run_now(300).metrics["similarity"] <= 0.91


@pytest.mark.parametrize("policy", ["llm", "hybrid"])
@pytest.mark.parametrize("key", sorted(LIBRARY))
def test_a_model_decides_where_the_scenario_asks_it(key: str, policy: str) -> None:
    models = ScriptedModels(lambda question: _fitting(question.schema))
    deciding = Deciding(Ports(models=models))
    engine = build_engine(LIBRARY[key], seed=2, parameters=SMALL.get(key), policy=policy, deciding=deciding)
    sources, fallbacks = asyncio.run(_played(engine, 12))
    assert fallbacks == {}
    assert sources["llm"] > 0
    assert not any("{" in question.prompt for question in models.asked)


async def _played(engine: HybridSimulationEngine, until: int) -> tuple[Counter[str], Counter[str]]:
    sources: Counter[str] = Counter()
    fallbacks: Counter[str] = Counter()
    while engine.step_number < until and not engine.latest.finished:
        result = await engine.step()
        sources.update(result.decisions)
        fallbacks.update(result.fallbacks)
    return sources, fallbacks


def _fitting(schema: Mapping[str, Any]) -> Any:
    """Something that a JSON schema allows: the last of what may be chosen, the middle of what may be measured."""
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return _fitting(schema[several][-1])
    if "enum" in schema:
        return schema["enum"][-1]
    return schema["const"] if "const" in schema else _OF_TYPE[schema["type"]](schema)


def _object(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _fitting(part) for name, part in schema.get("properties", {}).items()}


def _array(schema: Mapping[str, Any]) -> list[Any]:
    return [_fitting(schema["items"]) for _ in range(schema.get("minItems", 1))]


def _number(schema: Mapping[str, Any]) -> float:
    low: float = schema.get("minimum", 0)
    high: float = schema.get("maximum", 1)
    return (low + high) // 2 if schema["type"] == "integer" else (low + high) / 2


_OF_TYPE: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "object": _object,
    "array": _array,
    "number": _number,
    "integer": _number,
    "string": lambda _: "",
    "boolean": lambda _: False,
}
