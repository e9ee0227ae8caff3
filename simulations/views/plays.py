"""The list of plays, and their controls for pages without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from simulations import access, services
from simulations.forms import PACES
from simulations.models import Simulation
from simulations.sweeps.access import get_sweep
from simulations.sweeps.models import Sweep
from simulations.sweeps.queries import began_it
from tenants.errors import Invalid, NotFound
from tenants.pages import WorkspacePage, page_number

PER_PAGE = 24


class SimulationsPage(WorkspacePage):
    """Plays, newest first, under the scenarios that can be played. Runs of sweeps are many, and have a list of their own."""

    def get(self, request: HttpRequest) -> HttpResponse:
        page, sweep = page_number(request), self._sweep(request)
        of_sweeps = sweep is not None or request.GET.get("show") == "sweeps"
        plays = access.simulations(self.member).order_by("-created_at", "-id")
        found = plays.filter(began_it(sweep) if of_sweeps else ~began_it())
        rows = list(found[(page - 1) * PER_PAGE : page * PER_PAGE + 1])
        return self.render(
            "simulations/simulations.html",
            simulations=rows[:PER_PAGE],
            scenarios=access.scenarios(self.member).order_by("-created_at")[:6],
            of_sweeps=of_sweeps,
            sweep=sweep,
            page=page,
            has_more=len(rows) > PER_PAGE,
        )

    def _sweep(self, request: HttpRequest) -> Sweep | None:
        """The one whose runs are asked for; raises NotFound where there is none such."""
        given = request.GET.get("sweep")
        if given is None:
            return None
        try:
            return get_sweep(self.member, UUID(given))
        except ValueError:
            raise NotFound("There is no such sweep in this workspace.") from None


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
