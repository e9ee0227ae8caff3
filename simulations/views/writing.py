"""Pages on which a scenario is written as YAML: checked with the line of every fault, stored as a new one or a new version."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from simulations import access, services
from simulations.engine.spec import ScenarioSpec
from simulations.manifests import LIBRARY, ManifestRefused, as_yaml, read_written
from simulations.models import Scenario
from tenants.access import Role, require_builder
from tenants.errors import NotFound
from tenants.pages import WorkspacePage

STARTER = Path(__file__).with_name("starter.yaml")
MOST_SHOWN = 50


class WritingPage(WorkspacePage):
    """What both pages have: the text, its faults, and what was asked to be done with it."""

    def write(self, text: str, scenario: Scenario | None = None) -> HttpResponse:
        """Check the text, and store it where that was asked."""
        require_builder(self.member)
        checking = self.request.POST.get("act") == "check"
        try:
            if checking:
                return self.show(text, scenario, holds=_in_short(read_written(text)))
            stored = self._store(text, scenario)
        except ManifestRefused as refused:
            return self.show(text, scenario, status=400, problems=_with_lines(refused, text))
        return redirect("simulations:scenario", stored.pk)

    def _store(self, text: str, scenario: Scenario | None) -> Scenario:
        if scenario is None:
            return services.write_scenario(text=text, by=self.member)
        return services.rewrite_scenario(scenario=scenario, text=text, by=self.member)

    def show(self, text: str, scenario: Scenario | None = None, status: int = 200, **context: Any) -> HttpResponse:
        return self.render(
            "simulations/writing.html",
            status=status,
            text=text,
            scenario=scenario,
            heading="Edit as YAML" if scenario else "New scenario",
            lede="Each saving makes a new version; plays that began keep theirs."
            if scenario
            else "An agent-based model as a text: parameters, agents, what they see, what they can do, and how they decide.",
            save="Save as a new version" if scenario else "Save the scenario",
            may_build=self.member.may(Role.OPERATOR),
            **context,
        )


class NewScenarioPage(WritingPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = request.GET.get("from", "")[:80]
        return self.show(self._text(chosen), chosen=chosen, starts=self._starts())

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.write(request.POST.get("manifest", ""))

    def show(self, text: str, scenario: Scenario | None = None, status: int = 200, **context: Any) -> HttpResponse:
        return super().show(text, scenario, status, **{"starts": self._starts(), **context})

    def _starts(self) -> list[tuple[str, str]]:
        mine = access.scenarios(self.member).order_by("name")[:MOST_SHOWN]
        return [
            ("", "A small town (a short example)"),
            *((str(each.pk), f"{each.name} (this workspace)") for each in mine),
            *(
                (path.stem, f"{path.stem.replace('-', ' ').capitalize()} (library)")
                for path in sorted(LIBRARY.glob("*.yaml"))
            ),
        ]

    def _text(self, chosen: str) -> str:
        """What the choice stands for; NotFound where it is nothing here."""
        known = {path.stem: path for path in LIBRARY.glob("*.yaml")}
        if not chosen:
            return STARTER.read_text()
        if chosen in known:
            return known[chosen].read_text()
        try:
            return as_yaml(access.get_scenario(self.member, UUID(chosen)))
        except ValueError:
            raise NotFound("There is no such scenario to start from.") from None


class EditScenarioPage(WritingPage):
    def get(self, request: HttpRequest, scenario_id: UUID) -> HttpResponse:
        scenario = access.get_scenario(self.member, scenario_id)
        return self.show(as_yaml(scenario), scenario)

    def post(self, request: HttpRequest, scenario_id: UUID) -> HttpResponse:
        return self.write(request.POST.get("manifest", ""), access.get_scenario(self.member, scenario_id))


def _in_short(spec: ScenarioSpec) -> str:
    counted = [(len(spec.archetypes), "archetype"), (len(spec.actions), "action"), (len(spec.policies), "policy"),
               (len(spec.metrics), "metric"), (len(spec.expect), "published result")]  # fmt: skip
    words = ", ".join(f"{number} {word if number == 1 else _plural(word)}" for number, word in counted)
    return f"“{spec.name}” can be played: {words}. Nothing was stored yet."


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def _with_lines(refused: ManifestRefused, text: str) -> list[dict[str, Any]]:
    """Each fault with the line of the text that it stands in."""
    lines = text.splitlines()
    return [
        {
            **asdict(problem),
            "text": lines[problem.line - 1].strip()[:300] if problem.line and problem.line <= len(lines) else "",
        }
        for problem in refused.problems
    ]
