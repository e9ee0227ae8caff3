"""Whole plays against a model server over HTTP that is late, refuses, garbles and breaks the rules."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from agents.documents import load
from agents.llm.wire import close_clients
from simulations.engine import HybridSimulationEngine
from simulations.engine.decisions import ModelFailed, Question
from simulations.engine.errors import PlayInterrupted
from simulations.engine.factory import Deciding, build_engine
from simulations.engine.interventions import Intervention
from simulations.engine.policies.building import Ports
from simulations.engine.recording import Replay, UnknownDecision
from simulations.engine.spec import ScenarioSpec, parse_scenario
from simulations.engine.spend import Cap, Spend
from tests.servers.llm import FakeLLM, Fault, Say, Seen, Step, closed_url
from tests.simulations.http_models import HttpModels
from tests.simulations.policies.scripted import shares

TOWN = Path(__file__).parents[3] / "simulations" / "scenarios" / "schelling.yaml"
SIZE = {"size": 20, "density": 0.8, "activation": "simultaneous"}
STEPS = 6
_SEEN = re.compile(r"(\d+) hold people of your own group and (\d+) hold")


@pytest.fixture(scope="module")
def town() -> ScenarioSpec:
    return parse_scenario(load(TOWN.read_text()).value)


@pytest.fixture
def server() -> Iterator[FakeLLM]:
    with FakeLLM(decide) as fake:
        yield fake


@pytest.fixture(autouse=True)
async def _clients_closed() -> Any:
    yield
    await close_clients()


def decide(seen: Seen, **more: Any) -> Say:
    """Odds that depend on nothing but the situation."""
    found = _SEEN.search(seen.messages[-1]["content"])
    assert found is not None
    like, unlike = int(found[1]), int(found[2])
    odds = 90 if like + unlike and like / (like + unlike) < 0.4 else 3
    return Say(orjson.dumps(shares(move=odds, stay=100 - odds)).decode(), **more)


def _play(town: ScenarioSpec, url: str, **deciding: Any) -> tuple[HybridSimulationEngine, Deciding]:
    seconds, parameters = deciding.pop("seconds", 60.0), {**SIZE, "size": deciding.pop("size", SIZE["size"])}
    by = Deciding(Ports(models=HttpModels(url, seconds=seconds)), **deciding)
    return build_engine(town, seed=4, parameters=parameters, policy="llm", deciding=by), by


async def _digests(engine: HybridSimulationEngine, until: int = STEPS) -> dict[int, str]:
    found = {engine.step_number: engine.digest}
    while engine.step_number < until:
        result = await engine.step()
        found[result.step] = result.digest
    return found


def trouble(seen: Seen) -> Step:
    """10 % broken off, 5 % 429, 5 % no answer of the form, 2 % something that may not be done."""
    turn = seen.number % 100
    if turn % 10 == 4:
        return Fault("reset")
    if turn % 20 == 7:
        return Fault(status=429)
    if turn % 20 == 13:
        return Say("I would rather not say.")
    return Say(orjson.dumps(shares(fly=1)).decode()) if turn in {29, 71} else decide(seen)


def jittered(dice: random.Random) -> Any:
    return lambda seen: decide(seen, delay=dice.random() / 50)


async def test_a_play_goes_on_through_all_kinds_of_trouble_and_every_fallback_is_counted(town: ScenarioSpec) -> None:
    with FakeLLM(trouble) as server:
        engine, by = _play(town, server.openai_url)
        agents = engine.world.state.rows
        causes: Counter[str] = Counter()
        for _ in range(STEPS):
            result = await engine.step()
            assert sum(result.decisions.values()) == agents
            assert sum(result.fallbacks.values()) == result.decisions.get("fallback", 0)
            causes.update(result.fallbacks)
        recorded = Counter(entry.decision.cause for entry in by.log if entry.decision.source == "fallback")
        assert set(causes) == set(recorded)
        assert "timeout" in causes
        assert "rate_limited" in causes
        assert sum(entry.decision.calls for entry in by.log) == len(server.ledger())


async def test_an_answer_that_comes_too_late_is_a_timeout() -> None:
    question = Question("", "Move or stay?", {"type": "object"})
    with FakeLLM([Fault("no_answer")]) as server, pytest.raises(ModelFailed) as failure:
        await HttpModels(server.openai_url, seconds=0.3).ask(question)
    assert failure.value.kind == "timeout"


async def test_late_and_early_answers_come_to_the_same_play(town: ScenarioSpec) -> None:
    found = set()
    for number in range(20):
        with FakeLLM(jittered(random.Random(number))) as server:
            engine, _ = _play(town, server.openai_url, size=10)
            found.add(tuple((await _digests(engine, 3)).values()))
    assert len(found) == 1


async def test_a_replay_asks_nobody_and_comes_to_the_same_states(town: ScenarioSpec, server: FakeLLM) -> None:
    engine, by = _play(town, server.openai_url)
    engine.intervene(Intervention(3, "parameter", "threshold", 0.6, "alice"))
    digests = await _digests(engine)
    asked = len(server.ledger())
    again = build_engine(
        town,
        seed=4,
        parameters=SIZE,
        policy="llm",
        deciding=Deciding(log=by.log, mode="replay"),
        acts=engine.acts,
    )
    assert await Replay(again, digests).run() is None
    assert (again.step_number, len(server.ledger())) == (STEPS, asked)
    assert set(again.latest.decisions) == {"replay"}


async def test_a_replay_without_what_was_done_from_outside_is_noticed(town: ScenarioSpec, server: FakeLLM) -> None:
    engine, by = _play(town, server.openai_url)
    engine.intervene(Intervention(3, "parameter", "threshold", 0.6, "alice"))
    digests = await _digests(engine)
    again = build_engine(town, seed=4, parameters=SIZE, policy="llm", deciding=Deciding(log=by.log, mode="replay"))
    with pytest.raises(UnknownDecision, match="In step 3, resident"):
        await Replay(again, digests).run()


async def test_a_worker_that_takes_over_pays_for_nothing_twice(town: ScenarioSpec, server: FakeLLM) -> None:
    whole, _ = _play(town, server.openai_url)
    digests = await _digests(whole)
    server.reset()
    server.set_script(decide)
    first, by = _play(town, server.openai_url)
    await first.run(2)
    kept = first.snapshot()
    await first.run(4)
    asked = len(server.ledger())
    by.spend = Spend()
    resumed = build_engine(town, policy="llm", deciding=by, checkpoint=kept)
    assert resumed.step_number == 2
    await resumed.run(4)
    assert (resumed.digest, len(server.ledger())) == (digests[4], asked)
    await resumed.run(STEPS)
    assert resumed.digest == digests[STEPS]
    prompts = [seen.messages[-1]["content"] for seen in server.ledger()]
    assert len(prompts) == len(set(prompts))


async def test_a_branch_shares_the_past_and_goes_its_own_way(town: ScenarioSpec, server: FakeLLM) -> None:
    engine, by = _play(town, server.openai_url)
    digests = await _digests(engine)
    asked = len(server.ledger())
    other = Deciding(by.ports, by.log.until(3))
    branch = build_engine(town, seed=4, parameters=SIZE, policy="llm", deciding=other, acts=engine.acts.until(3))
    assert await _digests(branch, 3) == {step: digest for step, digest in digests.items() if step <= 3}
    assert len(server.ledger()) == asked
    branch.turn_off({}, policy="rule")
    assert (await branch.run(STEPS)).digest != digests[STEPS]
    assert set(branch.latest.decisions) == {"rule"}
    assert len(server.ledger()) == asked


@pytest.mark.parametrize("then", ["rules", "pause", "stop"])
async def test_a_cap_holds_over_the_whole_play(town: ScenarioSpec, server: FakeLLM, then: Any) -> None:
    engine, by = _play(town, server.openai_url, spend=Spend(Cap(calls=12), then))
    if then == "rules":
        await engine.run(STEPS)
        assert engine.latest.fallbacks["over_budget"] > 0
        assert engine.step_number == STEPS
    else:
        with pytest.raises(PlayInterrupted) as caught:
            await engine.run(STEPS)
        assert (caught.value.reason, caught.value.then) == ("over_budget", then)
        assert engine.step_number == 0
    assert (len(server.ledger()), by.spend.spent.calls) == (12, 12)


async def test_nobody_at_the_address_is_noticed_within_ten_calls_and_rules_go_on(town: ScenarioSpec) -> None:
    engine, by = _play(town, closed_url())
    await engine.run(2)
    assert engine.step_number == 2
    assert set(engine.latest.decisions) == {"fallback"}
    assert engine.latest.fallbacks["models_dead"] > 0
    assert sum(entry.decision.calls for entry in by.log) <= 10
