"""Policies of scenarios as they stand in the library: every one can be built, and decides."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from agents.documents import load
from agents.llm.providers.offline import Offline
from agents.llm.types import Message, Request
from simulations.engine.decisions import DecisionRequest, Question
from simulations.engine.errors import UnknownPolicy
from simulations.engine.parameters import settle_parameters
from simulations.engine.policies.building import Building, Ports, Terms
from simulations.engine.policies.columns import VectorRulePolicy
from simulations.engine.policies.hybrid import HybridPolicy
from simulations.engine.recording import DecisionLog, Recorded
from simulations.engine.spec import ScenarioSpec, parse_scenario
from tests.simulations.policies.scripted import ScriptedModels, failing, shares

SCENARIOS = Path(__file__).parents[3] / "simulations" / "scenarios"
TOWN = SCENARIOS / "schelling.yaml"


def _spec(path: Path = TOWN, **changed: Mapping[str, Any]) -> ScenarioSpec:
    data: dict[str, Any] = load(path.read_text()).value
    for policy, told in changed.items():
        data["spec"]["policies"][policy] = {**data["spec"]["policies"].get(policy, {}), **told}
    return parse_scenario(data)


def _building(spec: ScenarioSpec, models: ScriptedModels | None = None, **terms: Any) -> Building:
    parameters = settle_parameters(spec.declared(), {})
    ports = Ports() if models is None else Ports(models=models)
    log = DecisionLog()
    return Building(spec, Terms(parameters, **terms), ports, lambda policy: Recorded(policy, log))


def _seen(similar: int, other: int, **more: Any) -> DecisionRequest:
    observation = {"similar": similar, "other": other}
    return DecisionRequest(bytes([similar, other]), "resident", 0, 1, observation, ("stay", "move"), step=1, **more)


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_policy_of_the_library_can_be_built(path: Path) -> None:
    spec = _spec(path)
    building = _building(spec, ScriptedModels(lambda _: shares(stay=1)))
    assert [building.policy(name).name for name in spec.policies] == list(spec.policies)
    assert len({building.policy(name).fingerprint for name in spec.policies}) == len(spec.policies)


async def test_a_rule_a_model_and_both_decide_for_a_resident() -> None:
    models = ScriptedModels(lambda _: shares(move=80, stay=20))
    building = _building(_spec(), models)
    unhappy, alone = _seen(1, 7), _seen(0, 3)
    rule, llm, hybrid = (building.policy(name) for name in ("rule", "llm", "hybrid"))
    assert isinstance(rule, VectorRulePolicy)
    assert [d.options[0].action for d in await rule.decide_batch([unhappy, _seen(4, 4)])] == ["move", "stay"]
    (asked,) = await llm.decide_batch([unhappy])
    assert [(option.action, option.weight) for option in asked.options] == [("move", 0.8), ("stay", 0.2)]
    assert "1 hold people of your own group and 7 hold people of the other group" in models.asked[0].prompt
    assert "a share of 0.3 of your neighbours" in models.asked[0].prompt
    assert isinstance(hybrid, HybridPolicy)
    assert [decision.source for decision in await hybrid.decide_batch([unhappy, alone])] == ["llm", "rule"]
    assert len(models.asked) == 1, "what was decided in this step is not asked again by another policy"


async def test_the_budget_and_the_fallback_are_those_of_the_manifest() -> None:
    models = ScriptedModels(lambda _: shares(stay=1))
    building = _building(_spec(llm={"budget": {"calls": 1}}), models)
    first, second = await building.policy("llm").decide_batch([_seen(1, 7), _seen(0, 8)])
    assert (first.source, second.cause, second.options[0].action) == ("llm", "over_budget", "move")
    assert building.spends["llm"].spent.calls == 1


async def test_the_model_of_the_play_is_asked_and_named_in_the_key() -> None:
    models = ScriptedModels(lambda _: shares(stay=1))
    building = _building(_spec(), models, model="small-1")
    await building.policy("llm").decide_batch([_seen(1, 7)])
    assert models.asked[0].model == "small-1"
    assert building.policy("llm").fingerprint != _building(_spec(), models).policy("llm").fingerprint


async def test_without_a_way_to_models_the_rule_decides_and_it_is_said() -> None:
    (decision,) = await _building(_spec()).policy("llm").decide_batch([_seen(1, 7)])
    assert (decision.options[0].action, decision.cause) == ("move", "unavailable")


async def test_a_chain_of_fallbacks_ends_where_somebody_decides() -> None:
    spec = _spec(llm={"fallback": "second"}, second={"kind": "llm", "prompt": "Decide.", "fallback": "rule"})
    models = ScriptedModels(lambda _: failing("timeout"))
    (decision,) = await _building(spec, models).policy("llm").decide_batch([_seen(1, 7)])
    assert (decision.options[0].action, decision.cause, decision.calls) == ("move", "timeout", 2)


def test_a_policy_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(UnknownPolicy, match="rule, llm, hybrid; not 'oracle'"):
        _building(_spec()).policy("oracle")


async def test_the_offline_provider_gives_answers_that_can_be_used() -> None:
    offline = Offline()

    async def answered(question: Question) -> object:
        messages = [Message("system", question.system), Message("user", question.prompt)]
        reply = await offline.complete(
            Request(messages=messages, response_schema=question.schema), deadline=time.monotonic() + 10
        )
        return orjson.loads(reply.text)

    class OfflineModels(ScriptedModels):
        async def ask(self, question: Question) -> Any:
            value = await answered(question)
            self.say = lambda _: value
            return await super().ask(question)

    for path in (TOWN, SCENARIOS / "supply-negotiation.yaml"):
        spec = _spec(path)
        building = _building(spec, OfflineModels(lambda _: None))
        seen = _seen(1, 7) if path == TOWN else _firm()
        (decision,) = await building.policy("llm").decide_batch([seen])
        assert (decision.source, decision.calls) == ("llm", 1), decision.reason


def _firm() -> DecisionRequest:
    observation = {"role": 0, "now": 2, "quoted": 60.0, "last_quantity": 0.0, "last_profit": 0.0}
    return DecisionRequest(b"firm", "firm", 1, 1, observation, ("wait", "order"), step=1)
