"""Pages of scenarios and their plays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import get_script_prefix

from simulations import access, services
from simulations.engine.scenario import Scenario as Definition
from simulations.forms import PACES, PlayForm
from simulations.library import comparisons, find_definition, in_words
from simulations.models import Scenario, Simulation
from simulations.scenarios import catalogue
from tenants.access import Role
from tenants.errors import Invalid
from tenants.pages import WorkspacePage

PER_PAGE = 24
MOST_PAGES = 1_000


class SimulationsPage(WorkspacePage):
    """Plays, newest first, under the scenarios that can be played."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page = _page_number(request)
        found = access.simulations(self.member).order_by("-created_at", "-id")
        rows = list(found[(page - 1) * PER_PAGE : page * PER_PAGE + 1])
        return self.render(
            "simulations/simulations.html",
            simulations=rows[:PER_PAGE],
            scenarios=access.scenarios(self.member).order_by("-created_at")[:6],
            page=page,
            has_more=len(rows) > PER_PAGE,
        )


def _page_number(request: HttpRequest) -> int:
    given = request.GET.get("page", "1")
    return min(max(int(given), 1), MOST_PAGES) if given.isdecimal() and given.isascii() and len(given) < 7 else 1


class ScenariosPage(WorkspacePage):
    """The workspace's scenarios, and what the library offers; POST adds one of it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render(
            "simulations/scenarios.html",
            scenarios=access.scenarios(self.member).order_by("-created_at")[:100],
            library=list(catalogue().values()),
            may_build=self.member.may(Role.OPERATOR),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        new = services.NewScenario(key=request.POST.get("key", "")[:60])
        return redirect("simulations:scenario", services.add_scenario(new=new, by=self.member).pk)


class ScenarioPage(WorkspacePage):
    """A scenario with the form that begins a play."""

    def get(self, request: HttpRequest, scenario_id: UUID) -> HttpResponse:
        scenario = access.get_scenario(self.member, scenario_id)
        known = find_definition(scenario.key)
        form = PlayForm(scenario, **_chosen(request, scenario)) if known else None
        return self._show(scenario, known, form)

    def post(self, request: HttpRequest, scenario_id: UUID) -> HttpResponse:
        scenario = access.get_scenario(self.member, scenario_id)
        form = PlayForm(scenario, request.POST)
        if form.is_valid():
            try:
                made = services.create_simulation(
                    scenario=scenario, settings=form.settings(), start=True, by=self.member
                )
                return redirect("simulations:simulation", made.pk)
            except Invalid as refusal:
                form.show_refusal(refusal)
        return self._show(scenario, find_definition(scenario.key), form, status=400)

    def _show(
        self, scenario: Scenario, known: Definition | None, form: PlayForm | None, status: int = 200
    ) -> HttpResponse:
        plays = access.simulations(self.member).filter(scenario=scenario).order_by("-created_at")[:5]
        return self.render(
            "simulations/scenario.html",
            status=status,
            scenario=scenario,
            known=known,
            form=form,
            plays=plays,
            may_build=self.member.may(Role.OPERATOR),
        )


def _chosen(request: HttpRequest, scenario: Scenario) -> dict[str, Any]:
    """The parameters of the preset that the address names, if any."""
    wanted = request.GET.get("preset")
    found: dict[str, Any] = next((p["parameters"] for p in scenario.presets if p["name"] == wanted), {})
    return found


class RemoveScenarioPage(WorkspacePage):
    def post(self, request: HttpRequest, scenario_id: UUID) -> HttpResponse:
        services.remove_scenario(scenario=access.get_scenario(self.member, scenario_id), by=self.member)
        return redirect("simulations:scenarios")


class SimulationPage(WorkspacePage):
    """A play, live while it lasts; afterwards the film of it."""

    def get(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = access.get_simulation(self.member, simulation_id)
        known = find_definition(simulation.key)
        return self.render(
            "simulations/simulation.html",
            simulation=simulation,
            known=known,
            figures=[(each, in_words(each, simulation.metrics.get(each.name))) for each in known.metrics]
            if known
            else [],
            settings=_settings(simulation, known),
            summary=known.summarise(simulation.metrics) if known and simulation.metrics else "",
            width=simulation.parameters.get(known.view.width) if known else 0,
            height=simulation.parameters.get(known.view.height) if known else 0,
            comparisons=comparisons(simulation),
            paces=PACES,
            pace=f"{simulation.pace:g}",
            statuses=Simulation.Status.values,
            socket=f"{get_script_prefix()}ws/",
            may_build=self.member.may(Role.OPERATOR),
        )


def _settings(simulation: Simulation, known: Definition | None) -> list[tuple[str, Any]]:
    """The parameters in words, in the scenario's order."""
    if known is None:
        return sorted(simulation.parameters.items())
    return [(each.label, simulation.parameters.get(each.name, each.default)) for each in known.parameters]


class ControlPage(WorkspacePage):
    """One control of a play, for a page without scripts; a subclass names the service."""

    control: ClassVar[Callable[..., Simulation]]

    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = access.get_simulation(self.member, simulation_id)
        type(self).control(simulation=simulation, by=self.member)
        return redirect("simulations:simulation", simulation.pk)


class PausePage(ControlPage):
    control = staticmethod(services.pause_simulation)


class ResumePage(ControlPage):
    control = staticmethod(services.resume_simulation)


class StepPage(ControlPage):
    control = staticmethod(services.step_simulation)


class StopPage(ControlPage):
    control = staticmethod(services.stop_simulation)


class PacePage(WorkspacePage):
    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = access.get_simulation(self.member, simulation_id)
        services.set_pace(simulation=simulation, pace=_pace(request), by=self.member)
        return redirect("simulations:simulation", simulation.pk)


def _pace(request: HttpRequest) -> float:
    given = request.POST.get("pace", "")
    if given not in dict(PACES):
        raise Invalid("Choose one of the paces that the page offers.")
    return float(given)


class DeleteSimulationPage(WorkspacePage):
    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        services.delete_simulation(simulation=access.get_simulation(self.member, simulation_id), by=self.member)
        return redirect("simulations:list")
