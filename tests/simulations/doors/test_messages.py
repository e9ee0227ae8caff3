"""What agents said, at its door and on the page: kept with the steps, the same in a replay, shared by a branch, bounded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from agents.documents import load
from simulations import services
from simulations.execution import saying
from simulations.models import PlayMessage, Simulation
from simulations.services.offspring import Branch
from tenants.access import Member
from tenants.models import Tenant, User
from tests.conftest import ApiOf, ClientOf
from tests.simulations.conftest import work

NEWS = load((Path(__file__).parents[1] / "engine" / "news.yaml").read_text()).value


@pytest.fixture
def played(in_acme: Tenant, alice_at_acme: Member) -> Simulation:
    scenario = services.write_scenario(text=NEWS, by=alice_at_acme)
    settings = services.Settings(steps=4, seed=1)
    return carried_out(services.create_simulation(scenario=scenario, settings=settings, start=True, by=alice_at_acme))


def carried_out(simulation: Simulation) -> Simulation:
    assert work()
    simulation.refresh_from_db()
    return simulation


def url(simulation: Simulation, query: str = "") -> str:
    return f"/w/acme/api/v1/simulations/{simulation.pk}/messages/{query}"


def lines(answer: Any) -> list[tuple[int, int, str, str, str, int, str]]:
    assert answer.status_code == 200, answer.json()
    return [
        (each["step"], each["number"], each["sender"], each["recipient"] or each["topic"] or "all", each["content"], each["heard"], each["state"])
        for each in answer.json()["results"]
    ]  # fmt: skip


STEP_2 = [
    (2, 0, "paper 0", "market.news", "Issue 2", 3, "sent"),
    (2, 1, "paper 0", "all", "It will rain", 1, "sent"),
    (2, 2, "buyer 1", "sleeper 4", "Wake up, says 1", 0, "dead"),
    (2, 3, "buyer 2", "sleeper 4", "Wake up, says 2", 0, "dead"),
]


def test_what_was_said_is_listed_by_agent_topic_and_step(api: APIClient, played: Simulation) -> None:
    assert len(lines(api.get(url(played)))) == 10
    assert lines(api.get(url(played, "?from=2&to=2"))) == STEP_2
    assert [each[:2] for each in lines(api.get(url(played, "?topic=market.news")))] == [(1, 0), (2, 0), (3, 0), (4, 0)]
    assert [each[:2] for each in lines(api.get(url(played, "?agent=4&to=1")))] == [(1, 2), (1, 3)]
    first = api.get(url(played, "?from=1&to=1&page_size=1")).json()
    assert first["results"][0] == {
        "step": 1, "number": 0, "sender": "paper 0", "sender_agent": 0, "recipient": "", "recipient_agent": None,
        "topic": "market.news", "kind": "topic", "content": "Issue 1", "priority": 8, "lives": 2, "heard": 3, "state": "sent",
        "note": "expired: Nobody at sleeper 4 took it in time.", "noted_at": 4,
    }  # fmt: skip
    assert lines(api.get(first["next"]))[0][:2] == (1, 1)


@pytest.mark.parametrize("query", ["?agent=x", "?topic=a%20b", "?from=-1", "?to=1e3", "?sender=4"])
def test_filters_that_are_none_are_refused(api: APIClient, played: Simulation, query: str) -> None:
    assert api.get(url(played, query)).status_code == 400


def test_nobody_of_another_workspace_reads_it(api_of: ApiOf, mallory: User, played: Simulation) -> None:
    assert api_of(mallory).get(url(played)).status_code == 404


def test_a_replay_says_the_same_and_a_branch_has_it_up_to_where_it_leaves(
    api: APIClient, played: Simulation, alice_at_acme: Member
) -> None:
    replay = carried_out(services.replay_simulation(simulation=played, by=alice_at_acme))
    assert (replay.digest, replay.said_kept) == (played.digest, 10)
    assert api.get(url(replay)).json()["results"] == api.get(url(played)).json()["results"]
    shared = carried_out(services.branch_simulation(simulation=played, branch=Branch(step=3), by=alice_at_acme))
    assert api.get(url(shared)).json()["results"] == api.get(url(played)).json()["results"]


def test_a_play_that_goes_on_from_its_checkpoint_says_the_same(
    api: APIClient, played: Simulation, alice_at_acme: Member
) -> None:
    settings = services.Settings(steps=4, seed=1)
    assert played.scenario is not None
    other = services.create_simulation(scenario=played.scenario, settings=settings, start=False, by=alice_at_acme)
    for _ in range(3):
        other = carried_out(services.step_simulation(simulation=other, by=alice_at_acme))
    other = carried_out(services.resume_simulation(simulation=other, by=alice_at_acme))
    assert (other.status, other.digest) == ("completed", played.digest)
    assert api.get(url(other)).json()["results"] == api.get(url(played)).json()["results"]


def test_what_came_of_a_message_after_the_branching_is_not_copied(played: Simulation) -> None:
    other = Simulation.objects.get(pk=played.pk)
    other.pk = None
    other.mode, other.parent, other.branched_at = Simulation.Mode.BRANCH, played, 3
    other.save(force_insert=True)
    saying.copy(played, other, until=3)
    copied = PlayMessage.objects.filter(simulation=other)
    assert (other.said_kept, copied.count(), copied.get(step=1, number=0).note) == (9, 9, "")
    assert played.messages.get(step=1, number=0).note.startswith("expired")


def test_more_than_is_kept_is_cut_and_said(
    client_of: ClientOf, alice: User, in_acme: Tenant, alice_at_acme: Member
) -> None:
    spec = {
        **NEWS["spec"],
        "archetypes": {"person": {"count": 201, "state": {"heard": {"type": "int"}}}},
        "observations": {"person": {}},
        "time": {"max_steps": 2},
        "actions": {"talk": {"effect": [{"send": {"to": "all", "text": "I am <b>{id}</b>"}, "when": "step == 1"}]}},
        "policies": {"rule": {"kind": "rule", "choose": [{"do": "talk"}]}},
        "metrics": {"heard": {"sum": "heard", "over": "person"}},
    }
    scenario = services.write_scenario(text={**NEWS, "spec": spec}, by=alice_at_acme)
    settings = services.Settings(steps=2, seed=1)
    play = carried_out(services.create_simulation(scenario=scenario, settings=settings, start=True, by=alice_at_acme))
    assert (play.said_kept, play.said_cut_at, play.messages.count()) == (200, 1, 200)
    page = client_of(alice).get(f"/w/acme/simulations/{play.pk}/").content.decode()
    assert "From step 1 on not all of it is kept" in page
    assert "“I am &lt;b&gt;" in page


def test_the_page_shows_what_was_said_up_to_its_step(client_of: ClientOf, alice: User, played: Simulation) -> None:
    page = client_of(alice).get(f"/w/acme/simulations/{played.pk}/?step=2").content.decode()
    said = page.split('id="tab-said"')[1].split("</section>")[0]
    assert said.count("<li>") == 8
    assert "“It will rain”" in said
    assert "Missed by sleeper 4 (full)" in said
    assert "Issue 3" not in said
    assert "not all of it is kept" not in said


def test_it_goes_with_the_play(played: Simulation, alice_at_acme: Member) -> None:
    services.delete_simulation(simulation=played, by=alice_at_acme)
    assert not PlayMessage.objects.exists()
