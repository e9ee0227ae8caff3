"""What grew out of a run, and who may read it: branches, replays, links."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from projects import access
from projects.branching.family import family_of
from projects.branching.services import tasks_of
from projects.forms import ShareForm
from projects.models import Run
from projects.pages.tabs import RunTab
from projects.replaying.services import replay_run
from projects.sharing.access import get_link
from projects.sharing.services import FreshLink, revoke_link, share_run
from tenants.access import Role
from tenants.addresses import absolute_url, public_reverse
from tenants.errors import Conflict, Invalid
from tenants.forms import show_refusal
from tenants.pages import WorkspacePage


class BranchesPage(RunTab):
    """The family of a run, and the ways to go off from it."""

    tab, template = "branches", "projects/run_branches.html"

    def content(self, run: Run) -> dict[str, Any]:
        return {"family": family_of(run), "tasks": tasks_of(run)}


class ReplayPage(WorkspacePage):
    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        fresh = replay_run(run=access.get_run(self.member, run_id), by=self.member)
        return redirect("projects:run", fresh.pk)


class SharePage(RunTab):
    """Links with which people without an account read this run."""

    tab, template = "share", "projects/run_share.html"

    def content(self, run: Run) -> dict[str, Any]:
        links = run.share_links.order_by("-created_at") if self.member.may(Role.OPERATOR) else []
        return {"form": ShareForm(), "links": links}

    def post(self, request: HttpRequest, run_id: UUID) -> HttpResponse:
        run = access.get_run(self.member, run_id)
        form = ShareForm(request.POST)
        fresh: FreshLink | None = None
        if form.is_valid():
            try:
                fresh = share_run(run=run, by=self.member, **form.cleaned_data)
            except (Invalid, Conflict) as refusal:
                show_refusal(form, refusal)
        shown = {**self.content(run), "form": ShareForm() if fresh else form}
        home = f"{request.scheme}://{request.get_host()}"
        address = absolute_url(public_reverse("shared:run", fresh.token), home=home) if fresh else ""
        answer = self.render(
            self.template, status=200 if fresh else 422, run=run, tab=self.tab, may_run=True, address=address, **shown
        )
        answer["Cache-Control"] = "no-store"
        return answer


class RevokeLinkPage(WorkspacePage):
    def post(self, request: HttpRequest, run_id: UUID, link_id: UUID) -> HttpResponse:
        run = access.get_run(self.member, run_id)
        revoke_link(link=get_link(self.member, run, link_id), by=self.member)
        messages.success(request, "The link leads nowhere now.")
        return redirect("projects:share", run.pk)
