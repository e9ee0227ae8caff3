"""Stepping into a play from a page without scripts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from simulations import access
from simulations.interventions import access as seats
from simulations.interventions import services
from simulations.notes.services import mark_step
from tenants.errors import FieldError, Invalid
from tenants.pages import WorkspacePage

MOST_DIGITS = 9


class ChangePage(WorkspacePage):
    """A live parameter, an event, a message."""

    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = access.get_simulation(self.member, simulation_id)
        kind, target = request.POST.get("kind", ""), request.POST.get("target", "")[:120]
        given = request.POST.get("value", request.POST.get(f"parameters.{target}", ""))
        value = given if kind == "message" else plain(given)
        services.inject(
            simulation=simulation, given=services.Injection(kind=kind, target=target, value=value), by=self.member
        )
        return redirect("simulations:simulation", simulation.pk)


class SeatPage(WorkspacePage):
    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = access.get_simulation(self.member, simulation_id)
        services.take_seat(simulation=simulation, agent=whole(request, "agent"), by=self.member)
        return redirect("simulations:simulation", simulation.pk)


class LeavePage(WorkspacePage):
    def post(self, request: HttpRequest, simulation_id: UUID, seat_id: UUID) -> HttpResponse:
        simulation = access.get_simulation(self.member, simulation_id)
        services.leave_seat(seat=seats.get_seat(simulation, seat_id), by=self.member)
        return redirect("simulations:simulation", simulation.pk)


class AnswerPage(WorkspacePage):
    """Decide for an agent; arguments come as `<action>.<argument>`."""

    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = access.get_simulation(self.member, simulation_id)
        action = request.POST.get("action", "")[:60]
        prefix = f"{action}."
        args = {
            name.removeprefix(prefix): plain(str(value))
            for name, value in request.POST.items()
            if name.startswith(prefix) and value
        }
        agent = whole(request, "agent")
        services.answer_question(simulation=simulation, agent=agent, action=action, args=args, by=self.member)
        return redirect("simulations:simulation", simulation.pk)


class NotePage(WorkspacePage):
    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = access.get_simulation(self.member, simulation_id)
        step = whole(request, "step")
        mark_step(simulation=simulation, step=step, note=request.POST.get("note", "")[:1000], by=self.member)
        return redirect("simulations:simulation", simulation.pk)


def whole(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    if not given.isascii() or not given.isdigit() or len(given) > MOST_DIGITS:
        raise Invalid("This must be a whole number.", errors=[FieldError(name, "number", "A whole number from 0.")])
    return int(given)


def plain(text: str) -> Any:
    """What somebody typed, as a number or yes/no where it is one."""
    if text in ("true", "on"):
        return True
    if text in ("false", ""):
        return False
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
