"""Agents who talk things over, and agents who are talked to: what was said reaches their next prompt, and a replay too."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulations import services
from simulations.interventions.services import Injection, inject
from simulations.models import Decision, Scenario, Simulation
from tenants.access import Member
from tenants.models import Tenant
from tests.servers.llm import FakeLLM, Say, Seen
from tests.simulations.playing.conftest import carried_out

COMMITTEE: dict[str, Any] = {
    "metadata": {"name": "committee", "title": "A committee"},
    "spec": {
        "family": "abm",
        "archetypes": {"member": {"count": 2, "state": {"votes": {"type": "int", "init": 0}}}},
        "observations": {"member": {"votes": {"value": "votes"}}},
        "actions": {"abstain": {}, "vote": {"effect": [{"add": "votes", "value": "1"}]}},
        "policies": {
            "rule": {"kind": "rule", "choose": [{"do": "abstain"}]},
            "llm": {
                "kind": "llm",
                "tier": "individual",
                "prompt": "You voted {votes} times. Heard: {messages}",
                "fallback": "rule",
            },
            "crew": {
                "kind": "crew",
                "agents": [
                    {"role": "Advocate", "goal": "Speak for a vote."},
                    {"role": "Sceptic", "goal": "Speak against it."},
                ],
                "task": "You voted {votes} times. Vote, or abstain?",
                "fallback": "rule",
            },
        },
        "metrics": {"votes": {"sum": "votes", "over": "member"}},
    },
}


@pytest.fixture
def committee(in_acme: Tenant, alice_at_acme: Member) -> Scenario:
    return services.write_scenario(text=COMMITTEE, by=alice_at_acme)


def begun(committee: Scenario, by: Member, **settings: Any) -> Simulation:
    chosen = services.Settings(steps=2, seed=3, **settings)
    return services.create_simulation(scenario=committee, settings=chosen, start=False, by=by)


def answer(action: str) -> Say:
    return Say(json.dumps({"action": action, "reason": "It was said."}), usage=(100, 10))


def test_a_crew_talks_it_over_and_its_answer_counts(committee: Scenario, alice_at_acme: Member, model: FakeLLM) -> None:
    model.set_script(lambda _: answer("vote"))
    simulation = begun(committee, alice_at_acme, policy="crew")
    simulation = carried_out(services.resume_simulation(simulation=simulation, by=alice_at_acme))
    assert (simulation.status, simulation.metrics["votes"], simulation.fallbacks) == ("completed", 4, 0)
    assert simulation.decisions == {"crew": 4}
    assert simulation.tokens == 110 * len(model.ledger()) > 0
    said = " ".join(str(message["content"]) for call in model.ledger() for message in call.messages)
    assert "Advocate" in said
    assert "Sceptic" in said
    replay = carried_out(services.replay_simulation(simulation=simulation, by=alice_at_acme))
    assert (replay.digest, replay.llm_calls) == (simulation.digest, 0)


def test_what_is_said_to_an_agent_reaches_its_next_prompt_and_a_replay(
    committee: Scenario, alice_at_acme: Member, model: FakeLLM
) -> None:
    def swayed(seen: Seen) -> Say:
        return answer("vote" if "Please vote today." in seen.messages[-1]["content"] else "abstain")

    model.set_script(swayed)
    simulation = begun(committee, alice_at_acme, policy="llm")
    simulation = carried_out(services.step_simulation(simulation=simulation, by=alice_at_acme))
    assert (simulation.step, simulation.metrics["votes"]) == (1, 0)
    inject(
        simulation=simulation, given=Injection(kind="message", target="1", value="Please vote today."), by=alice_at_acme
    )
    simulation = carried_out(services.resume_simulation(simulation=simulation, by=alice_at_acme))
    assert (simulation.step, simulation.metrics["votes"]) == (2, 1)
    swayed_ones = [
        found.agent for found in Decision.objects.filter(simulation=simulation, step=2) if found.options[0][0] == "vote"
    ]
    assert swayed_ones == [1]
    asked = len(model.ledger())
    replay = carried_out(services.replay_simulation(simulation=simulation, by=alice_at_acme))
    assert (replay.digest, len(model.ledger())) == (simulation.digest, asked)


def test_a_topic_reaches_the_prompts_of_those_who_listen_the_urgent_first(
    in_acme: Tenant, alice_at_acme: Member, model: FakeLLM
) -> None:
    spec = COMMITTEE["spec"]
    member = {**spec["archetypes"]["member"], "listens": {"topics": ["committee.*"]}}
    archetypes = {"chair": {"count": 1, "state": {"votes": {"type": "int"}}}, "member": member}
    news = [
        {"send": {"topic": "committee.agenda", "text": "Later: the budget.", "priority": 2}},
        {"send": {"topic": "committee.agenda", "text": "Now: the vote.", "priority": 9, "lives": 1}},
    ]
    actions = {**spec["actions"], "vote": {"effect": [*news, *spec["actions"]["vote"]["effect"]]}}
    chaired = {**spec, "archetypes": archetypes, "observations": {}, "actions": actions}
    prompt = {**spec["policies"]["llm"], "prompt": "You are {archetype}. Heard: {messages}"}
    chaired["policies"] = {"rule": spec["policies"]["rule"], "llm": prompt}
    scenario = services.write_scenario(text={**COMMITTEE, "spec": chaired}, by=alice_at_acme)
    model.set_script(lambda seen: answer("vote" if "chair" in seen.messages[-1]["content"] else "abstain"))
    simulation = begun(scenario, alice_at_acme, policy="llm")
    simulation = carried_out(services.resume_simulation(simulation=simulation, by=alice_at_acme))
    asked = [call.messages[-1]["content"] for call in model.ledger()]
    heard = [text for text in asked if "Now: the vote." in text]
    assert len(set(heard)) == 1  # both members are asked the same, so one answer may serve them
    assert "You are member. Heard: - Now: the vote.\n- Later: the budget." in heard[0]
    assert list(simulation.messages.values_list("step", "sender", "topic", "heard")) == [
        (step, "chair 0", "committee.agenda", 2) for step in (1, 1, 2, 2)
    ]
