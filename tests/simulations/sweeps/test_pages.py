"""The pages of sweeps, without their script."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from simulations.models import Scenario, Simulation
from simulations.sweeps.models import Sweep
from tenants.models import User
from tests.conftest import ClientOf
from tests.simulations.sweeps.test_sweeps import play_all


def filled(**more: Any) -> dict[str, Any]:
    return {
        "parameters.size": "20",
        "parameters.density": "0.8, 0.9",
        "parameters.threshold": "0.3, 0.7",
        "parameters.share": "0.5",
        "parameters.activation": "random",
        "how": "grid",
        "seeds": "2",
        "first_seed": "4",
        "steps": "2",
        "policy": "rule",
        **more,
    }


def new_page(scenario: Scenario) -> str:
    return f"/w/acme/scenarios/{scenario.pk}/sweep/"


def page_of(client: Client, sweep: Sweep, rest: str = "") -> str:
    return client.get(f"/w/acme/sweeps/{sweep.pk}/{rest}").content.decode()


def test_what_it_takes_is_shown_before_it_can_begin(client_of: ClientOf, alice: User, scenario: Scenario) -> None:
    client = client_of(alice)
    first = client.get(new_page(scenario)).content.decode()
    assert "Estimate</button>" in first
    assert 'name="start"' not in first
    estimated = client.post(new_page(scenario), filled()).content.decode()
    assert "This sweep takes" in estimated
    assert "Start 8 runs" in " ".join(estimated.split())
    assert "none: rules decide" in estimated
    assert not Sweep.objects.exists()
    answer = client.post(new_page(scenario), filled(start="yes"))
    sweep = Sweep.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/w/acme/sweeps/{sweep.pk}/")  # type: ignore[attr-defined]
    assert (sweep.status, sweep.runs, sweep.axes) == ("running", 8, ["density", "threshold"])


def test_two_parameters_are_a_heat_map_and_a_table(client_of: ClientOf, alice: User, scenario: Scenario) -> None:
    client = client_of(alice)
    client.post(new_page(scenario), filled(start="yes"))
    sweep = Sweep.objects.get()
    before = page_of(client, sweep)
    assert "0 of 8 done" in " ".join(before.split())
    assert "data-running" in before
    play_all()
    after = " ".join(page_of(client, sweep, "?metric=unhappy").split())
    assert "8 of 8 done" in after
    assert "data-running" not in after
    assert "Density down, Wanted share of similar neighbours across; the stronger the colour, the more" in after
    assert after.count("<td data-shade=") == 4
    assert after.count('<li data-run="done">') == 8
    assert "2 of 2" in after
    assert "Unhappy residents: mean and 95 % interval" in after
    assert client.get(f"/w/acme/sweeps/{sweep.pk}/results.csv").content.count(b"\n") == 9
    assert sweep.title in client.get("/w/acme/sweeps/").content.decode()
    client.post(f"/w/acme/sweeps/{sweep.pk}/delete/")
    assert (Sweep.objects.count(), Simulation.objects.count()) == (0, 8)


def test_three_parameters_are_a_heat_map_for_each_value_of_the_one_with_the_fewest(
    client_of: ClientOf, alice: User, scenario: Scenario
) -> None:
    client = client_of(alice)
    client.post(new_page(scenario), filled(start="yes", seeds="1", **{"parameters.share": "0.4, 0.5"}))
    play_all()
    page = " ".join(page_of(client, Sweep.objects.get()).split())
    assert "One table for each value of Density; a colour means the same in all of them." in page
    assert [page.count(f"<strong>Density: {value}</strong>") for value in ("0.8", "0.9", "0.7")] == [1, 1, 0]
    assert page.count("<td data-shade=") == 8


def test_one_parameter_is_a_line_with_its_band(client_of: ClientOf, alice: User, scenario: Scenario) -> None:
    client = client_of(alice)
    client.post(new_page(scenario), filled(start="yes", **{"parameters.density": "0.9"}))
    play_all()
    page = page_of(client, Sweep.objects.get())
    assert '<polygon class="band"' in page
    assert page.count("<circle") == 2
    assert "over Wanted share of similar neighbours; the values are in the table below" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"parameters.threshold": "0.3, much"}, "takes values like"),
        ({"parameters.threshold": "0.3, 7"}, "must be between 0 and 1"),
        ({"how": "sobol", "parameters.threshold": "0.1, 0.2, 0.3"}, "the lowest and the highest"),
        ({"seeds": "9000000"}, "at most 10,000 may be asked for"),
        ({"how": "sensitivity"}, "No observation of this scenario has bins"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_begins(
    client_of: ClientOf, alice: User, scenario: Scenario, wrong: dict[str, str], said: str
) -> None:
    answer = client_of(alice).post(new_page(scenario), filled(start="yes", **wrong))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Sweep.objects.exists()


def test_a_viewer_looks_and_cannot_start(client_of: ClientOf, victor: User, scenario: Scenario) -> None:
    client = client_of(victor)
    assert "Starting takes the role operator" in client.get(new_page(scenario)).content.decode()
    assert client.post(new_page(scenario), filled(start="yes")).status_code == 403
    assert not Sweep.objects.exists()


def test_runs_of_a_sweep_have_a_list_of_their_own(
    client_of: ClientOf, alice: User, scenario: Scenario, simulation: Simulation
) -> None:
    client = client_of(alice)
    client.post(new_page(scenario), filled(density="0.9", threshold="0.7", start="yes"))
    play_all()
    sweep = Sweep.objects.get()
    titles = [f"{sweep.title}, run {number}" for number in (1, 2)]

    def listed(address: str) -> list[bool]:
        page = client.get(address).content.decode()
        return [f"{title}</a>" in page for title in (simulation.title, *titles)]

    assert listed("/w/acme/simulations/") == [True, False, False]
    assert listed(f"/w/acme/scenarios/{scenario.pk}/") == [True, False, False]
    assert listed("/w/acme/simulations/?show=sweeps") == [False, True, True]
    assert f'href="/w/acme/simulations/?sweep={sweep.pk}"' in page_of(client, sweep)
    assert listed(f"/w/acme/simulations/?sweep={sweep.pk}") == [False, True, True]
    for unknown in (simulation.pk, "x"):
        assert client.get(f"/w/acme/simulations/?sweep={unknown}").status_code == 404
