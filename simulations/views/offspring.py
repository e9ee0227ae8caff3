"""A branch off a play, and a replay of its record; each is a play of its own, shown beside the one that it comes from."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from simulations import access, services
from simulations.models import Simulation
from simulations.views.taking_part import whole
from tenants.pages import WorkspacePage


class BranchPage(WorkspacePage):
    """Leave the play at a step, with another way of deciding where one is chosen."""

    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = access.get_simulation(self.member, simulation_id)
        policy = request.POST.get("policy", "")[:60] or None
        branch = services.Branch(step=whole(request, "step"), policy=policy)
        return _beside(services.branch_simulation(simulation=simulation, branch=branch, by=self.member), simulation)


class ReplayPage(WorkspacePage):
    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = access.get_simulation(self.member, simulation_id)
        return _beside(services.replay_simulation(simulation=simulation, by=self.member), simulation)


def _beside(made: Simulation, origin: Simulation) -> HttpResponse:
    return redirect(f"{reverse('simulations:simulation', args=[made.pk])}?beside={origin.pk}")
