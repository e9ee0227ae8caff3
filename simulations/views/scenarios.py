"""Pages of scenarios: the library, and one with the form that begins a play."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from simulations import access, services
from simulations.engine.scenario import Scenario as Definition
from simulations.forms import PlayForm
from simulations.library import find_definition
from simulations.models import Scenario
from simulations.scenarios import catalogue
from tenants.access import Role
from tenants.errors import Invalid
from tenants.pages import WorkspacePage


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
