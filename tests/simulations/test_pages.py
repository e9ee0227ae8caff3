"""Pages of scenarios and simulations, without their scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest

from simulations.models import Scenario, Simulation
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.simulations.conftest import Begin, work

FORM = {
    "parameters.size": "20",
    "parameters.density": "0.9",
    "parameters.threshold": "0.5",
    "parameters.share": "0.5",
    "parameters.activation": "random",
    "steps": "30",
    "seed": "3",
    "pace": "5",
}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", re.IGNORECASE)


def scenario_url(scenario: Scenario) -> str:
    return f"/w/acme/scenarios/{scenario.pk}/"


def play_url(simulation: Simulation, control: str = "") -> str:
    return f"/w/acme/simulations/{simulation.pk}/{control}"


def test_the_way_from_the_library_to_a_finished_play(client_of: ClientOf, alice: User, in_acme: Tenant) -> None:
    client = client_of(alice)
    assert "Nothing played yet" in client.get("/w/acme/simulations/").content.decode()
    added = client.post("/w/acme/scenarios/", {"key": "schelling"})
    scenario = Scenario.objects.get()
    assert added.url == scenario_url(scenario)  # type: ignore[attr-defined]
    form = client.get(added.url, {"preset": "strong"}).content.decode()  # type: ignore[attr-defined]
    assert re.search(r'name="parameters.threshold" value="0.7"', form)
    begun = client.post(scenario_url(scenario), {**FORM, "parameters.threshold": "0.3"})
    simulation = Simulation.objects.get()
    assert begun.url == play_url(simulation)  # type: ignore[attr-defined]
    assert (simulation.parameters["threshold"], simulation.steps, simulation.pace) == (0.3, 30, 5)
    Simulation.objects.update(pace=0)
    assert "Waiting for a worker to begin." in client.get(play_url(simulation)).content.decode()
    assert work()
    page = client.get(play_url(simulation)).content.decode()
    assert re.search(r"data-figure=\"unhappy\".*?data-value>0</td>", page, re.DOTALL)
    assert "It has come to its end after step" in page
    assert f'data-step="{Simulation.objects.get().step}"' in page
    assert simulation.title in client.get("/w/acme/simulations/").content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"parameters.threshold": "2"}, "Ensure this value is less than or equal to 1.0."),
        ({"parameters.size": "many"}, "Enter a whole number."),
        ({"calls": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"policy": "oracle"}, "Select a valid choice. oracle is not one of the available choices."),
        ({"parameters.activation": "none"}, "Select a valid choice. none is not one of the available choices."),
        ({"parameters.density": ""}, "This field is required."),
        ({"seed": "-4"}, "Ensure this value is greater than or equal to 0."),
        ({"pace": "1000"}, "Select a valid choice. 1000 is not one of the available choices."),
    ],
)
def test_a_bad_form_comes_back_with_what_is_wrong(
    given: dict[str, str], sentence: str, client_of: ClientOf, alice: User, scenario: Scenario
) -> None:
    answer = client_of(alice).post(scenario_url(scenario), {**FORM, **given})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not Simulation.objects.exists()


def test_who_decides_and_what_it_may_cost_is_chosen(client_of: ClientOf, alice: User, scenario: Scenario) -> None:
    page = client_of(alice).get(scenario_url(scenario)).content.decode()
    assert re.findall(r'name="policy"\s+value="(\w+)"', page) == ["rule", "llm", "hybrid"]
    assert "No calls, no cost." in page
    sent = {**FORM, "policy": "llm", "model": "small", "calls": "40", "after_cap": "pause"}
    assert client_of(alice).post(scenario_url(scenario), sent).status_code == 302
    made = Simulation.objects.get()
    assert (made.policy, made.model, made.budget["calls"], made.budget["after_cap"]) == ("llm", "small", 40, "pause")
    assert "0 of 40" in client_of(alice).get(play_url(made)).content.decode()


def test_the_parameters_of_a_play_can_be_taken_again(client_of: ClientOf, alice: User, simulation: Simulation) -> None:
    page = client_of(alice).get(scenario_url(Scenario.objects.get()), {"from": str(simulation.pk)}).content.decode()
    assert re.search(r'name="parameters.threshold" value="0.7"', page)


def test_the_controls_work_as_plain_forms(client_of: ClientOf, alice: User, begin: Begin) -> None:
    simulation, client = begin(start=False), client_of(alice)
    seen = []
    for control in ("resume/", "pause/", "step/", "stop/"):
        answer = client.post(play_url(simulation, control))
        assert answer.url == play_url(simulation)  # type: ignore[attr-defined]
        seen.append(Simulation.objects.get().status)
    assert seen == ["running", "paused", "running", "stopped"]
    refused = client.post(play_url(simulation, "pause/"))
    assert refused.status_code == 409
    assert "This simulation is stopped; it cannot become paused." in refused.content.decode()


@pytest.mark.parametrize(("pace", "status"), [("15", 302), ("0", 302), ("7", 400), ("", 400), ("x", 400)])
def test_only_the_paces_of_the_page_are_taken(
    pace: str, status: int, client_of: ClientOf, alice: User, begin: Begin
) -> None:
    simulation = begin(start=False, pace=2)
    assert client_of(alice).post(play_url(simulation, "pace/"), {"pace": pace}).status_code == status
    assert Simulation.objects.get().pace == (float(pace) if status == 302 else 2)


def test_a_viewer_sees_everything_and_no_controls(client_of: ClientOf, victor: User, simulation: Simulation) -> None:
    work()
    client = client_of(victor)
    page = client.get(play_url(simulation)).content.decode()
    assert "data-stage" in page
    assert "data-controls" not in page
    assert client.post(play_url(simulation, "stop/")).status_code == 403
    scenario = Scenario.objects.get()
    form = client.get(scenario_url(scenario)).content.decode()
    assert "Playing takes the role operator" in form
    assert client.post(scenario_url(scenario), FORM).status_code == 403
    assert client.post("/w/acme/scenarios/", {"key": "schelling"}).status_code == 403
    assert client.post(scenario_url(scenario) + "remove/").status_code == 403
    assert (Scenario.objects.count(), Simulation.objects.count()) == (1, 1)


def test_strangers_find_nothing_and_the_unknown_sign_in(
    client: Any, client_of: ClientOf, mallory: User, simulation: Simulation
) -> None:
    scenario = Scenario.objects.get()
    for address in ("/w/acme/simulations/", "/w/acme/scenarios/", scenario_url(scenario), play_url(simulation)):
        assert client_of(mallory).get(address).status_code == 404
        assert client.get(address).url.startswith("/accounts/login/")
    assert client_of(mallory).post(play_url(simulation, "stop/")).status_code == 404
    simulation.refresh_from_db()
    assert simulation.status == "running"


def test_plays_outlive_a_removed_scenario(client_of: ClientOf, alice: User, simulation: Simulation) -> None:
    work()
    assert client_of(alice).post(scenario_url(Scenario.objects.get()) + "remove/").status_code == 302
    assert not Scenario.objects.exists()
    page = client_of(alice).get(play_url(simulation))
    assert page.status_code == 200
    assert "All 12 steps were played." in page.content.decode()


def test_pages_hold_no_inline_script_or_style(client_of: ClientOf, alice: User, simulation: Simulation) -> None:
    work()
    client = client_of(alice)
    for address in (
        "/w/acme/simulations/",
        "/w/acme/scenarios/",
        scenario_url(Scenario.objects.get()),
        play_url(simulation),
    ):
        page = client.get(address).content.decode()
        assert INLINE.search(page) is None
        assert page.count("<h1") == 1


def test_a_scenario_that_left_the_library_is_shown_without_a_form(
    client_of: ClientOf, alice: User, begin: Begin
) -> None:
    simulation = begin()
    work()
    Scenario.objects.update(key="gone")
    Simulation.objects.update(key="gone")
    client = client_of(alice)
    assert "no longer has the scenario gone" in client.get(scenario_url(Scenario.objects.get())).content.decode()
    assert client.get(play_url(simulation)).status_code == 200
    assert client.get("/w/acme/simulations/").status_code == 200
    assert client.post(scenario_url(Scenario.objects.get()), FORM).status_code == 503
    assert Simulation.objects.count() == 1
