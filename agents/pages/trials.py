"""A crew's tests: runs that were kept, and what came of trying the crew as it is now against them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from agents.access import get_crew
from agents.models import Crew
from agents.trials import access, queries, services
from projects.models import KeptRun, Trial
from tenants.access import Role
from tenants.pages import WorkspacePage

WORDS = {
    "same": "the same",
    "changed_prompt": "asked otherwise than then",
    "output_differs": "another output",
    "off_record": "cannot be told from the record",
    "not_reached": "not reached",
    "new": "new since then",
    "gone": "gone since then",
}
STATES = {Trial.Status.SAME: "done", Trial.Status.CHANGED: "waiting"}


@dataclass(frozen=True, slots=True)
class Tested:
    """A test with its newest trial; `verdicts` are (task, in words, the report's entry)."""

    kept: KeptRun
    trial: Trial | None
    state: str
    verdicts: list[tuple[str, str, dict[str, Any]]]


class CrewTestsPage(WorkspacePage):
    def get(self, request: HttpRequest, crew_id: UUID) -> HttpResponse:
        crew = get_crew(self.member, crew_id)
        services.settle_all(crew)
        tests = _tests_of(crew)
        return self.render(
            "agents/crew_tests.html",
            crew=crew,
            tests=tests,
            is_trying=any(each.state in {Trial.Status.QUEUED, Trial.Status.RUNNING} for each in tests),
            may_run=self.member.may(Role.OPERATOR),
        )

    def post(self, request: HttpRequest, crew_id: UUID) -> HttpResponse:
        mode = Trial.Mode.LIVE if request.POST.get("mode") == Trial.Mode.LIVE else Trial.Mode.RECORDED
        services.try_crew(crew=get_crew(self.member, crew_id), mode=mode, by=self.member)
        return redirect("agents:crew-tests", crew_id)


class DropTestPage(WorkspacePage):
    def post(self, request: HttpRequest, crew_id: UUID, test_id: UUID) -> HttpResponse:
        kept = access.get_kept(self.member, get_crew(self.member, crew_id), test_id)
        services.drop_kept(kept=kept, by=self.member)
        messages.success(request, f"“{kept.name}” is no test any more; its run stays.")
        return redirect("agents:crew-tests", crew_id)


def _tests_of(crew: Crew) -> list[Tested]:
    newest = {trial.kept_id: trial for trial in queries.newest_trials_of(crew)}
    return [_tested(kept, newest.get(kept.pk)) for kept in queries.kept_of(crew)]


def _tested(kept: KeptRun, trial: Trial | None) -> Tested:
    if trial is None:
        return Tested(kept, None, "", [])
    state = STATES.get(Trial.Status(trial.status), trial.status)
    return Tested(kept, trial, state, [(entry["task"], WORDS[entry["verdict"]], entry) for entry in trial.report])
