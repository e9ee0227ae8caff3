"""The page of a conversation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import get_script_prefix

from simulations.chat import queries, services
from simulations.chat.access import get_chat_scenario, get_conversation
from simulations.chat.spec import read_chat
from simulations.models import Simulation
from tenants.access import Member, Role
from tenants.errors import Invalid
from tenants.pages import WorkspacePage

STATUS_WORDS = {"ready": "Not begun", "running": "Under way"}


class ScenarioPage(WorkspacePage):
    """What a conversation is about; POST begins one."""

    def get(self, request: HttpRequest, scenario_id: UUID) -> HttpResponse:
        scenario = get_chat_scenario(self.member, scenario_id)
        held = Simulation.objects.filter(scenario=scenario).order_by("-created_at")[:10]
        return self.render(
            "simulations/chat/scenario.html",
            scenario=scenario,
            spec=read_chat(scenario.definition["spec"]),
            plays=held,
            may_build=self.member.may(Role.OPERATOR),
        )

    def post(self, request: HttpRequest, scenario_id: UUID) -> HttpResponse:
        scenario = get_chat_scenario(self.member, scenario_id)
        return redirect("conversations:talk", services.begin(scenario=scenario, by=self.member).pk)


class TalkPage(WorkspacePage):
    """All that was said, and a box to say more; POST says it."""

    def get(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        return self._show(get_conversation(self.member, simulation_id))

    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = get_conversation(self.member, simulation_id)
        message = request.POST.get("message", "")
        try:
            services.say(simulation=simulation, message=message, by=self.member)
        except Invalid as refusal:
            return self._show(simulation, status=400, message=message, problem=refusal.detail)
        return redirect("conversations:talk", simulation.pk)

    def _show(self, simulation: Simulation, status: int = 200, **more: Any) -> HttpResponse:
        return self.render(
            "simulations/chat/talk.html",
            status=status,
            most_message=services.MOST_MESSAGE,
            socket=f"{get_script_prefix()}ws/",
            **_shown(simulation, self.member),
            **more,
        )


class TurnsFragment(WorkspacePage):
    """The turns alone, for a page that is open."""

    def get(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = get_conversation(self.member, simulation_id)
        return self.render("simulations/chat/_turns.html", **_shown(simulation, self.member))


def _shown(simulation: Simulation, member: Member) -> dict[str, Any]:
    """What the turns need: `open_run` is the run that is answering now."""
    held = queries.conversation(simulation)
    opening = held.spec.opening
    open_runs = [each.run_id for each in (*held.exchanges, held.results) if each and each.is_open]
    return {
        "simulation": simulation,
        "may_build": member.may(Role.OPERATOR),
        "conversation": held,
        "opening": opening and {"speaker": held.spec.roles[opening.by].title, "text": opening.text},
        "open_run": open_runs[-1] if open_runs else None,
        "status_word": STATUS_WORDS.get(simulation.status, ""),
    }


class CompletePage(WorkspacePage):
    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = get_conversation(self.member, simulation_id)
        services.complete(simulation=simulation, by=self.member)
        return redirect("conversations:talk", simulation.pk)


class AgainPage(WorkspacePage):
    """Have the results written once more after that failed."""

    def post(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = get_conversation(self.member, simulation_id)
        services.sum_up_again(simulation=simulation, by=self.member)
        return redirect("conversations:talk", simulation.pk)
