"""Talking with a crew inside a scenario, through the API, with a model server that answers for the roles."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Run
from simulations.chat import services
from simulations.models import Scenario, Simulation
from tenants.access import Member
from tenants.models import Tenant
from tests.agents.conftest import API, play
from tests.servers.llm import FakeLLM, Fault, Say, Seen


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


@pytest.fixture
def meeting(in_acme: Tenant, alice_at_acme: Member) -> Scenario:
    return services.add_conversation(key="budget-meeting", by=alice_at_acme)


@pytest.fixture
def talk(meeting: Scenario, alice_at_acme: Member) -> Simulation:
    return services.begin(scenario=meeting, by=alice_at_acme)


def say(api: APIClient, talk: Simulation, message: str) -> Any:
    return api.post(f"{API}simulations/{talk.pk}/chat/", {"message": message})


def answered(api: APIClient, talk: Simulation, message: str) -> Run:
    answer = say(api, talk, message)
    assert answer.status_code == 202, answer.data
    return play(Run.objects.get(pk=answer.data["run"]))


def history(api: APIClient, talk: Simulation) -> Any:
    return api.get(f"{API}simulations/{talk.pk}/history/").data


def in_character(seen: Seen) -> Say:
    asked = seen.messages[-1]["content"]
    who = "finance" if "You are Head of finance" in asked else "operations"
    return Say(f"{who.capitalize()} heard you.", usage=(100, 10))


def test_each_role_answers_and_the_second_heard_the_first(api: APIClient, talk: Simulation, model: FakeLLM) -> None:
    model.set_script(in_character)
    answered(api, talk, "The pilot saves 97,200 a year.")
    told = history(api, talk)
    assert told["opening"]["by"] == "finance"
    [turn] = told["turns"]
    assert (turn["number"], turn["status"], turn["message"]) == (1, "succeeded", "The pilot saves 97,200 a year.")
    assert [(said["role"], said["speaker"], said["text"]) for said in turn["replies"]] == [
        ("finance", "Head of finance", "Finance heard you."),
        ("operations", "Head of operations", "Operations heard you."),
    ]
    assert (told["turns_left"], told["tokens"], told["results"]) == (9, 220, None)
    assert "Finance heard you." in model.ledger()[1].messages[-1]["content"]


def test_what_was_said_before_is_remembered(api: APIClient, talk: Simulation, model: FakeLLM) -> None:
    model.set_script(in_character)
    answered(api, talk, "It costs 40,000.")
    answered(api, talk, "And saves more.")
    asked = model.ledger()[-1].messages[-1]["content"]
    assert "Head of finance: You have the floor." in asked
    assert asked.index("It costs 40,000.") < asked.index("Operations heard you.") < asked.index("And saves more.")
    talk.refresh_from_db()
    assert (talk.status, talk.step) == ("running", 2)


def test_a_turn_without_an_answer_does_not_count(api: APIClient, talk: Simulation, model: FakeLLM) -> None:
    model.set_script(lambda seen: Fault("status", status=400))
    run = answered(api, talk, "Are you there?")
    assert run.status == "failed"
    model.set_script(in_character)
    answered(api, talk, "Hello again.")
    [turn] = history(api, talk)["turns"]
    assert (turn["number"], turn["message"], turn["status"]) == (1, "Hello again.", "succeeded")
    assert "Are you there?" not in model.ledger()[-1].messages[-1]["content"]


def test_completing_sums_it_up(api: APIClient, talk: Simulation, model: FakeLLM) -> None:
    model.set_script(in_character)
    answered(api, talk, "It pays for itself in five months.")
    model.set_script(lambda seen: Say("All three aims were reached.", usage=(50, 5)))
    answer = api.post(f"{API}simulations/{talk.pk}/complete/")
    assert answer.status_code == 202, answer.data
    play(Run.objects.get(pk=answer.data["run"]))
    told = history(api, talk)
    assert told["results"]["replies"] == [
        {"role": "results", "speaker": "Results", "text": "All three aims were reached."}
    ]
    asked = model.ledger()[-1].messages[-1]["content"]
    assert "- The concern of operations was named and answered." in asked
    assert "It pays for itself in five months." in asked
    talk.refresh_from_db()
    assert (talk.status, talk.stop_reason) == ("completed", "talked")
    assert say(api, talk, "One more thing.").status_code == 409


def test_after_the_last_turn_it_can_only_be_completed(
    api: APIClient, meeting: Scenario, alice_at_acme: Member, model: FakeLLM
) -> None:
    meeting.definition["spec"]["turns"] = 1
    meeting.save()
    talk = services.begin(scenario=meeting, by=alice_at_acme)
    model.set_script(in_character)
    answered(api, talk, "Only this.")
    refused = say(api, talk, "And this.")
    assert (refused.status_code, refused.data["code"]) == (409, "wrong_state")
    assert "All 1 turns are used" in refused.data["detail"]


def test_words_in_curly_brackets_are_words(api: APIClient, talk: Simulation, model: FakeLLM) -> None:
    model.set_script(in_character)
    answered(api, talk, "Use {transcript} and {secret}.")
    assert "Use {transcript} and {secret}." in model.ledger()[0].messages[-1]["content"]
