"""Pause, resume, step, stop, pace and delete over the API."""

from __future__ import annotations

import pytest

from projects.work.models import WorkItem
from simulations.models import Frame, Simulation
from simulations.recording import message_of
from tenants.models import User
from tenants.workspace.models import AuditEntry
from tests.conftest import ApiOf
from tests.simulations.conftest import Begin, work

CONTROLS = ("pause", "resume", "step", "stop")


def url(simulation: Simulation, control: str = "") -> str:
    return f"/w/acme/api/v1/simulations/{simulation.pk}/" + (f"{control}/" if control else "")


def test_a_life(api_of: ApiOf, alice: User, begin: Begin) -> None:
    simulation, client = begin(start=False), api_of(alice)
    seen = []
    for control in ("step", "resume", "pause", "resume", "pause", "stop"):
        answer = client.post(url(simulation, control))
        assert answer.status_code == 202
        seen.append(answer.json()["status"])
    assert seen == ["running", "running", "paused", "running", "paused", "stopped"]
    last = client.get(url(simulation)).json()
    assert (last["stop_reason"], last["stop_detail"]) == ("stopped", "Stopped by Alice Archer at step 0.")
    assert last["finished_at"] is not None
    assert WorkItem.objects.get().state == "done"
    assert AuditEntry.objects.filter(target_id=simulation.pk).count() == 7


REFUSED = [
    ("ready", "pause", "This simulation is ready; it cannot become paused."),
    ("running", "resume", "This simulation is running already."),
    ("running", "step", "This simulation is running; pause it to go step by step."),
    ("paused", "pause", "This simulation is paused; it cannot become paused."),
    *[
        (status, control, f"This simulation is {status}; it cannot become {becomes}.")
        for status in ("completed", "failed", "stopped")
        for control, becomes in (("pause", "paused"), ("resume", "running"), ("step", "running"), ("stop", "stopped"))
    ],
]


@pytest.mark.parametrize(("status", "control", "detail"), REFUSED)
def test_what_its_state_does_not_allow_is_refused(
    status: str, control: str, detail: str, api_of: ApiOf, alice: User, begin: Begin
) -> None:
    simulation = begin(start=False)
    Simulation.objects.update(status=status, finished_at=simulation.created_at, stop_detail="why")
    before = Simulation.objects.values().get()
    answer = api_of(alice).post(url(simulation, control))
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (409, "wrong_state", detail)
    assert Simulation.objects.values().get() == before
    assert not WorkItem.objects.exists()
    assert not Frame.objects.exists()


@pytest.mark.parametrize("control", CONTROLS)
def test_nobody_else_can(control: str, api_of: ApiOf, victor: User, mallory: User, simulation: Simulation) -> None:
    before = Simulation.objects.values().get()
    assert api_of(mallory).post(url(simulation, control).replace("acme", "globex")).status_code == 404
    assert api_of(mallory).post(url(simulation, control)).status_code == 404
    assert api_of(victor).post(url(simulation, control)).status_code == 403
    assert Simulation.objects.values().get() == before


def test_the_pace_is_changed_and_told(api_of: ApiOf, alice: User, begin: Begin) -> None:
    simulation = begin(start=False)
    assert api_of(alice).patch(url(simulation), {"pace": 4}, format="json").json()["pace"] == 4
    assert message_of(Frame.objects.get())["data"]["pace"] == 4
    assert api_of(alice).patch(url(simulation), {"pace": -1}, format="json").status_code == 400
    assert api_of(alice).patch(url(simulation), {"seed": 9}, format="json").status_code == 400
    assert Simulation.objects.get().pace == 4


def test_a_play_is_deleted_with_its_pictures_but_not_while_it_runs(
    api_of: ApiOf, alice: User, victor: User, simulation: Simulation
) -> None:
    refused = api_of(alice).delete(url(simulation))
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "This simulation is running; stop it before you delete it.",
    )
    work()
    assert api_of(victor).delete(url(simulation)).status_code == 403
    assert Frame.objects.count() == 15
    assert api_of(alice).delete(url(simulation)).status_code == 204
    assert not Simulation.objects.exists()
    assert not Frame.objects.exists()
