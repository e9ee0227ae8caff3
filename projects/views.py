"""Pages about runs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import get_script_prefix
from django.utils.cache import add_never_cache_headers

from projects import access, queries, services
from projects.branching import services as branching
from projects.models import Run
from projects.story import story_of
from tenants.access import Role
from tenants.pages import WorkspacePage, page_number

PER_PAGE = 30
TABS: dict[str, tuple[str, list[str]]] = {
    "": ("All", []),
    "live": ("Live", [Run.Status.QUEUED, Run.Status.RUNNING, Run.Status.WAITING]),
    "succeeded": ("Succeeded", [Run.Status.SUCCEEDED]),
    "stopped": ("Stopped or failed", sorted(Run.ENDED - {Run.Status.SUCCEEDED})),
}


class RunsPage(WorkspacePage):
    """Runs, newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        tab = request.GET.get("show", "")
        tab = tab if tab in TABS else ""
        page = page_number(request)
        found = queries.runs()
        if TABS[tab][1]:
            found = found.filter(status__in=TABS[tab][1])
        rows = list(found[(page - 1) * PER_PAGE : page * PER_PAGE + 1])
        tabs = [(key, label) for key, (label, _) in TABS.items()]
        return self.render(
            "projects/runs.html", runs=rows[:PER_PAGE], tab=tab, tabs=tabs, page=page, has_more=len(rows) > PER_PAGE
        )


class RunPage(WorkspacePage):
    """A run, live while it lasts."""

    template = "projects/run.html"

    def get(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        run = access.get_run(self.member, run_id)
        answer = self.render(
            self.template,
            run=run,
            story=story_of(run),
            place=queries.queue_place(run),
            socket=f"{get_script_prefix()}ws/",
            may_run=self.member.may(Role.OPERATOR),
        )
        add_never_cache_headers(answer)
        return answer


class RunStoryPart(RunPage):
    """The part of the run page that changes, for the page's own script."""

    template = "projects/_run.html"


class CancelRunPage(WorkspacePage):
    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        run = services.cancel_run(run=access.get_run(self.member, run_id), by=self.member)
        return redirect("projects:run", run.pk)


class _AgainPage(WorkspacePage):
    """Starts a new run out of an ended one, and goes there."""

    again: Any

    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        fresh = type(self).again(run=access.get_run(self.member, run_id), by=self.member)
        return redirect("projects:run", fresh.pk)


class RetryRunPage(_AgainPage):
    again = staticmethod(branching.retry_run)


class ResumeRunPage(_AgainPage):
    again = staticmethod(branching.resume_run)
