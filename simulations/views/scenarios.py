"""Pages of scenarios: the library, and one with the form that begins a play."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from simulations import access, services
from simulations.chat.access import is_conversation
from simulations.chat.library import conversations
from simulations.choosing import offers, reproduced
from simulations.engine.errors import ParametersRefused
from simulations.engine.parameters import settle_parameters
from simulations.engine.spec import ScenarioSpec
from simulations.engine.world.counting import TooLarge, population
from simulations.forms import PlayForm
from simulations.library import find_definition
from simulations.models import Scenario
from simulations.scenarios import catalogue
from simulations.sweeps.queries import began_it
from tenants.access import Role
from tenants.errors import Invalid
from tenants.pages import WorkspacePage

MOST_PLAYS = 200
SHOWN_PLAYS = 10


class ScenariosPage(WorkspacePage):
    """The workspace's scenarios, and what the library offers; POST adds one of it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render(
            "simulations/scenarios.html",
            scenarios=access.scenarios(self.member).order_by("-created_at")[:100],
            library=catalogue(),
            conversations=conversations(),
            may_build=self.member.may(Role.OPERATOR),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        new = services.NewScenario(key=request.POST.get("key", "")[:60])
        return redirect("simulations:scenario", services.add_scenario(new=new, by=self.member).pk)


class ScenarioPage(WorkspacePage):
    """A scenario with the form that begins a play."""

    def get(self, request: HttpRequest, scenario_id: UUID) -> HttpResponse:
        scenario = access.get_scenario(self.member, scenario_id)
        if is_conversation(scenario):
            return redirect("conversations:scenario", scenario.pk)
        known = find_definition(scenario)
        form = PlayForm(scenario, **self._chosen(request, scenario)) if known else None
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
        return self._show(scenario, find_definition(scenario), form, status=400)

    def _chosen(self, request: HttpRequest, scenario: Scenario) -> dict[str, Any]:
        """The parameters to begin with: of the preset, or of the play, that the address names."""
        wanted, play = request.GET.get("preset"), request.GET.get("from", "")
        for found in access.simulations(self.member).filter(scenario=scenario).order_by("-created_at")[:MOST_PLAYS]:
            if str(found.pk) == play:
                return dict(found.parameters)
        return next((dict(each["parameters"]) for each in scenario.presets if each["name"] == wanted), {})

    def _show(
        self, scenario: Scenario, known: ScenarioSpec | None, form: PlayForm | None, status: int = 200
    ) -> HttpResponse:
        plays = access.simulations(self.member).filter(~began_it(), scenario=scenario)
        offered = list(offers(known, agents_usually(known, scenario.parameters), scenario.steps)) if known else []
        return self.render(
            "simulations/scenario.html",
            status=status,
            scenario=scenario,
            known=known,
            published=list(reproduced(known, scenario)) if known else [],
            offers=offered,
            offers_models=any(each.asks_models for each in offered),
            chosen_policy=(form.data.get("policy") if form else "") or scenario.policy,
            form=form,
            plays=plays.order_by("-created_at")[:SHOWN_PLAYS],
            may_build=self.member.may(Role.OPERATOR),
        )


class RemoveScenarioPage(WorkspacePage):
    def post(self, request: HttpRequest, scenario_id: UUID) -> HttpResponse:
        services.remove_scenario(scenario=access.get_scenario(self.member, scenario_id), by=self.member)
        return redirect("simulations:scenarios")


def agents_usually(spec: ScenarioSpec, parameters: Mapping[str, Any]) -> int:
    """How many agents a play has with these parameters and the scenario's other defaults; 0 where that is too many."""
    try:
        return sum(population(spec, settle_parameters(spec.declared(), parameters)).values())
    except (ParametersRefused, TooLarge):
        return 0
