"""People in a play: a message, a live change, a seat whose answer the play waits for; and plays that leave others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from projects.work.models import WorkItem
from simulations import services
from simulations.models import Decision, Frame, Intervention, Scenario, Simulation
from tenants.access import Member
from tests.simulations.conftest import work
from tests.simulations.playing.conftest import carried_out
from tests.simulations.playing.test_models_decide import digests


@pytest.fixture
def resting(town: Scenario, alice_at_acme: Member) -> Simulation:
    """A play by rules that rests after its first step of six."""
    settings = services.Settings(steps=6)
    simulation = services.create_simulation(scenario=town, settings=settings, start=False, by=alice_at_acme)
    return carried_out(services.step_simulation(simulation=simulation, by=alice_at_acme))


def url(simulation: Simulation, door: str = "") -> str:
    return f"/w/acme/api/v1/simulations/{simulation.pk}/{door}"


def post(api: APIClient, simulation: Simulation, door: str, body: Any, status: int) -> Any:
    answer = api.post(url(simulation, door), body)
    assert answer.status_code == status, answer.data
    return answer.json()


def test_a_seat_is_taken_asked_answered_left_and_replayed(
    api: APIClient, resting: Simulation, alice_at_acme: Member
) -> None:
    seat = post(api, resting, "seats/", {"agent": 7}, 201)
    assert seat["archetype"] == "resident"
    assert post(api, resting, "seats/", {"agent": 7}, 409)["code"] == "taken"
    waiting = carried_out(services.resume_simulation(simulation=resting, by=alice_at_acme))
    assert (waiting.status, waiting.stop_reason, waiting.step) == ("paused", "person", 1)
    (question,) = api.get(url(waiting, "seats/")).json()["questions"]
    assert (question["agent"], question["step"], set(question["legal"])) == (7, 2, {"stay", "move"})
    assert set(question["observation"]) == {"similar", "other"}
    status = Frame.objects.filter(kind="status").order_by("seq").last()
    assert status is not None
    assert b'"agent":7' in bytes(status.payload)

    refusal = post(api, resting, "seats/answer/", {"agent": 7, "action": "fly"}, 400)
    assert refusal["errors"][0]["detail"] == "Agent 7 may now: stay, move."
    post(api, resting, "seats/answer/", {"agent": 7, "action": "move"}, 202)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.waiting) == ("running", None)
    waiting = carried_out(waiting)
    assert (waiting.status, waiting.step) == ("paused", 2)
    decided = Decision.objects.get(source="human")
    assert (decided.agent, decided.step, decided.options[0][0]) == (7, 2, "move")

    assert api.delete(url(waiting, f"seats/{seat['id']}/")).status_code == 204
    ended = carried_out(waiting)
    assert (ended.status, ended.step, ended.decisions["human"]) == ("completed", 6, 1)
    replay = carried_out(services.replay_simulation(simulation=ended, by=alice_at_acme))
    assert (replay.status, digests(replay)) == ("completed", digests(ended))


def test_who_does_not_answer_in_time_is_spoken_for(api: APIClient, resting: Simulation, alice_at_acme: Member) -> None:
    post(api, resting, "seats/", {"agent": 7}, 201)
    since = timezone.now()
    waiting = carried_out(services.resume_simulation(simulation=resting, by=alice_at_acme))
    asked = {**waiting.waiting["questions"][0], "asked_at": (timezone.now() - timedelta(hours=1)).isoformat()}  # type: ignore[index]
    Simulation.objects.update(waiting={"questions": [asked]})
    item = WorkItem.objects.get()
    assert item.state == "queued"
    assert since + timedelta(seconds=59) < item.queued_at < timezone.now() + timedelta(seconds=62)
    WorkItem.objects.update(queued_at=timezone.now())  # a minute later
    waiting = carried_out(waiting)
    assert (waiting.status, waiting.step) == ("paused", 2)
    assert Decision.objects.get().reason.startswith("nobody_answered:")


def test_what_is_done_counts_from_the_next_step_and_again_in_a_replay(
    api: APIClient, resting: Simulation, alice_at_acme: Member
) -> None:
    post(api, resting, "inject/", {"kind": "parameter", "target": "threshold", "value": 0.1}, 202)
    post(api, resting, "inject/", {"kind": "message", "target": "3", "value": "Stay where you are."}, 202)
    ended = carried_out(services.resume_simulation(simulation=resting, by=alice_at_acme))
    assert [(act.step, act.kind) for act in Intervention.objects.order_by("number")] == [
        (2, "parameter"),
        (2, "message"),
    ]
    assert ended.metrics["unhappy"] < 10  # with so little to wish for
    replay = carried_out(services.replay_simulation(simulation=ended, by=alice_at_acme))
    assert (replay.status, digests(replay)) == ("completed", digests(ended))
    refusals = [
        ({"kind": "parameter", "target": "size", "value": 20}, "target"),
        ({"kind": "parameter", "target": "threshold", "value": 2}, "value"),
        ({"kind": "event", "target": "rain", "value": 1}, "target"),
        ({"kind": "message", "target": "130", "value": "Hello"}, "agent"),
        ({"kind": "message", "target": "1", "value": ""}, "value"),
    ]
    Simulation.objects.filter(pk=ended.pk).update(status="paused", finished_at=None)
    for sent, field in refusals:
        answer = post(api, resting, "inject/", sent, 400)
        assert [error["field"] for error in answer["errors"]] == [field], sent
    assert Intervention.objects.count() == 2


def test_a_branch_shares_the_first_steps_and_goes_its_own_way(
    api: APIClient, resting: Simulation, alice_at_acme: Member
) -> None:
    trunk = carried_out(services.resume_simulation(simulation=resting, by=alice_at_acme))
    same = post(api, trunk, "branch/", {"step": 3}, 202)
    assert work()
    other = post(api, trunk, "branch/", {"step": 3, "overrides": {"parameters": {"threshold": 0.2}}}, 202)
    assert work()
    one, two = Simulation.objects.get(pk=same["id"]), Simulation.objects.get(pk=other["id"])
    assert (one.mode, one.branched_at, one.parent_id, one.digest) == ("branch", 3, trunk.pk, trunk.digest)
    assert digests(two)[:4] == digests(trunk)[:4]
    assert two.digest != trunk.digest
    compared = api.get(url(trunk, f"compare/?with={two.pk}")).json()
    assert (compared["steps"], compared["apart_from"]) == (list(range(7)), 4)
    unhappy = next(each for each in compared["metrics"] if each["name"] == "unhappy")
    assert unhappy["mine"][:4] == unhappy["theirs"][:4]
    assert unhappy["theirs"][4] < unhappy["mine"][4]

    replay = carried_out(services.replay_simulation(simulation=two, by=alice_at_acme))
    assert (replay.status, replay.digest) == ("completed", two.digest)
    assert api.delete(url(trunk)).json()["code"] == "in_use"
    assert post(api, trunk, "branch/", {"step": 7}, 400)["errors"][0]["field"] == "step"
