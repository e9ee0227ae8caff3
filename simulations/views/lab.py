"""The page of one play: live while it lasts, afterwards the film of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import get_script_prefix

from simulations import access, queries, showing
from simulations.chat.access import is_conversation
from simulations.engine.spec import ScenarioSpec
from simulations.forms import PACES, PREFIX, field_of
from simulations.happenings import happenings_of
from simulations.interventions.waiting import questions_of
from simulations.library import comparisons, spec_of
from simulations.models import Simulation
from simulations.reading.messages import said_until
from tenants.access import Role
from tenants.pages import WorkspacePage

MOST_OTHERS = 30
_NEARLY = 0.9
_AFTER = {
    "rules": "Once one of them is spent, rules go on.",
    "pause": "Once one of them is spent, the play pauses.",
    "stop": "Once one of them is spent, the play stops.",
}


@dataclass(frozen=True, slots=True)
class LiveField:
    """A parameter that may change while it plays, as a form of its own."""

    target: str
    bound: forms.BoundField


@dataclass(frozen=True, slots=True)
class Meter:
    """What was used of a budget; `cap` is None where there is none."""

    name: str
    label: str
    used: float
    cap: float | None

    @property
    def high(self) -> float:
        return (self.cap or 0) * _NEARLY


class SimulationPage(WorkspacePage):
    """Everything that is stored is on the page without scripts: the step asked for, in words and as a table."""

    def get(self, request: HttpRequest, simulation_id: UUID) -> HttpResponse:
        simulation = access.get_simulation(self.member, simulation_id)
        if is_conversation(simulation):
            return redirect("conversations:talk", simulation.pk)
        spec = spec_of(simulation)
        wanted = _wanted(request, simulation)
        step, metrics = queries.metrics_at(simulation, wanted)
        beside = self._beside(request, simulation)
        story = _rest(simulation, metrics) if spec is None else _story(spec, simulation, metrics)
        return self.render(
            "simulations/simulation.html",
            simulation=simulation,
            **story,
            name=spec.name if spec else simulation.key,
            step=step,
            wanted="" if wanted is None else step,
            comparisons=[each for each in comparisons(simulation) if simulation.steps >= each.expected.steps],
            sources=showing.decided_by(simulation.decisions),
            budget=_meters(simulation),
            after_cap=_AFTER.get(simulation.budget.get("after_cap") or "", ""),
            happenings=happenings_of(simulation),
            said=said_until(simulation, step),
            seats=simulation.seats.filter(left_at=None),
            others=self._others(simulation),
            beside=beside,
            differences=_differences(spec, metrics, beside, step),
            paces=PACES,
            pace=f"{simulation.pace:g}",
            statuses=Simulation.Status.values,
            socket=f"{get_script_prefix()}ws/",
            may_build=self.member.may(Role.OPERATOR),
            note=_note(simulation),
        )

    def _others(self, simulation: Simulation) -> QuerySet[Simulation]:
        """Plays that may stand beside this one: of the same scenario, and its relatives."""
        same = Q(key=simulation.key) & Q(scenario=simulation.scenario_id)
        related = Q(parent=simulation.pk) | Q(pk=simulation.parent_id)
        found = access.simulations(self.member).filter(same | related).exclude(pk=simulation.pk)
        return found.order_by("-created_at")[:MOST_OTHERS]

    def _beside(self, request: HttpRequest, simulation: Simulation) -> Simulation | None:
        given = request.GET.get("beside", "")
        return next((each for each in self._others(simulation) if str(each.pk) == given), None) if given else None


def _wanted(request: HttpRequest, simulation: Simulation) -> int | None:
    """The step that the address names, if it was played."""
    given = request.GET.get("step", "")
    ok = given.isascii() and given.isdigit() and len(given) < 10
    return min(int(given), simulation.step) if ok else None


def _story(spec: ScenarioSpec, simulation: Simulation, metrics: Mapping[str, float]) -> dict[str, Any]:
    """What the scenario says of a play."""
    shown = showing.figures(spec, metrics)
    return {
        "figures": shown,
        "charts": showing.drawings(spec, shown),
        "histograms": showing.histograms(spec),
        "sentence": spec.summary,
        "policies": list(spec.policies),
        "summary": showing.sentence(spec, metrics) if metrics else "",
        "settings": showing.settings_in_words(spec, simulation.parameters, live=simulation.has_ended)
        + (showing.settings_in_words(spec, simulation.parameters, live=False) if simulation.has_ended else []),
        "live_fields": [] if simulation.has_ended else _live_fields(spec, simulation.parameters),
        "presets": simulation.scenario.presets if simulation.scenario else [],
        "shared": showing.shared_names(spec),
        "questions": list(showing.asked(spec, questions_of(simulation))),
        "asks_models": spec.asks_models(simulation.policy) or any(map(spec.asks_models, simulation.assign.values())),
    }


def _rest(simulation: Simulation, metrics: Mapping[str, float]) -> dict[str, Any]:
    """What is left of a play whose scenario this release cannot read."""
    told = queries.find_hello(simulation)
    left = {} if told is None else showing.from_hello(told, metrics)
    return {"settings": sorted(simulation.parameters.items()), **left}


def _live_fields(spec: ScenarioSpec, parameters: Mapping[str, Any]) -> list[LiveField]:
    live = {name: each.declared(name) for name, each in spec.parameters.items() if each.live}
    form = forms.Form()
    for name, declared in live.items():
        form.fields[PREFIX + name] = field_of(declared, parameters.get(name, declared.default))
    return [LiveField(name, form[PREFIX + name]) for name in live]


def _meters(simulation: Simulation) -> list[Meter]:
    caps = simulation.budget
    used = {"calls": simulation.llm_calls, "tokens": simulation.tokens, "usd": float(simulation.cost)}
    labels = {"calls": "Calls", "tokens": "Tokens", "usd": "US$"}
    return [Meter(name, labels[name], used[name], caps.get(name)) for name in labels]


def _differences(
    spec: ScenarioSpec | None, mine: Mapping[str, float], beside: Simulation | None, step: int
) -> list[showing.Apart]:
    if spec is None or beside is None:
        return []
    theirs = queries.metrics_at(beside, step)[1]
    return showing.differences(spec, mine, theirs)


def _note(simulation: Simulation) -> str:
    """What stands where the picture will be."""
    if simulation.digest:
        return "The picture needs JavaScript; the numbers below do not."
    if simulation.status == Simulation.Status.READY:
        return "Ready. Start it, or play one step."
    return "Waiting for a worker to begin."
