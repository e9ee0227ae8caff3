"""What is refused in a conversation, before any run."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Run
from simulations.chat import services
from simulations.chat.library import conversations
from simulations.chat.spec import ChatInvalid, read_chat
from simulations.models import Simulation, Turn
from tenants.access import Member
from tenants.models import Tenant
from tests.agents.conftest import API


@pytest.fixture
def talk(in_acme: Tenant, alice_at_acme: Member) -> Simulation:
    scenario = services.add_conversation(key="budget-meeting", by=alice_at_acme)
    return services.begin(scenario=scenario, by=alice_at_acme)


def say(api: APIClient, talk: Simulation, message: str) -> Any:
    return api.post(f"{API}simulations/{talk.pk}/chat/", {"message": message})


def test_one_thing_at_a_time(api: APIClient, talk: Simulation) -> None:
    assert say(api, talk, "First.").status_code == 202
    second = say(api, talk, "Second.")
    assert (second.status_code, second.data["code"]) == (409, "wrong_state")
    assert "still being written" in second.data["detail"]
    assert Turn.objects.count() == 1


def test_there_is_nothing_to_sum_up_before_the_first_word(api: APIClient, talk: Simulation) -> None:
    answer = api.post(f"{API}simulations/{talk.pk}/complete/")
    assert (answer.status_code, answer.data["code"]) == (409, "wrong_state")
    assert not Run.objects.exists()


@pytest.mark.parametrize("message", ["", "   ", "x" * 4001])
def test_a_message_has_limits(api: APIClient, talk: Simulation, message: str) -> None:
    answer = say(api, talk, message)
    assert (answer.status_code, answer.data["errors"][0]["field"]) == (400, "message")
    assert not Turn.objects.exists()


def test_a_strangers_conversation_does_not_exist(api_of: Any, mallory: Any, globex: Tenant, talk: Simulation) -> None:
    client = api_of(mallory)
    assert client.get(f"/w/globex/api/v1/simulations/{talk.pk}/history/").status_code == 404


def test_a_role_that_nobody_plays_is_refused() -> None:
    broken = dict(conversations()["budget-meeting"].definition["spec"]) | {"speaks": ["sales"]}
    with pytest.raises(ChatInvalid, match="There is no role 'sales'; there are: finance, operations"):
        read_chat(broken)


def test_limits_are_named_with_their_place() -> None:
    broken = dict(conversations()["budget-meeting"].definition["spec"]) | {"turns": 10**9, "goals": [""]}
    with pytest.raises(ChatInvalid) as refusal:
        read_chat(broken)
    assert [path for path, _ in refusal.value.faults] == ["spec.goals.0", "spec.turns"]


def test_a_workspace_s_copy_is_its_own(talk: Simulation) -> None:
    talk.scenario.definition["spec"]["turns"] = 1  # type: ignore[union-attr]
    assert conversations()["budget-meeting"].definition["spec"]["turns"] == 10
