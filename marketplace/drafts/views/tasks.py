"""The six tasks of a draft, each on a page of its own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.browsing.presenting import powers
from marketplace.drafts import access, progress, services
from marketplace.drafts.composing import Composed, compose
from marketplace.drafts.forms import PermissionsForm, SampleForm, SendForm, TextForm
from marketplace.drafts.progress import Remark
from marketplace.drafts.proposing import Proposal, proposal_for
from marketplace.sandbox import trying
from projects.rendering import render_markdown
from tenants.access import Role
from tenants.errors import DomainError, NotFound
from tenants.pages import WorkspacePage


class DraftPage(WorkspacePage):
    """What the pages of one draft share."""

    task = ""

    def load(self, draft_id: UUID) -> None:
        self.draft = access.get_draft(self.member, draft_id)
        self.found: Composed = compose(self.draft, self.member)
        self.remarks: list[Remark] = progress.remarks_on(self.found, self.member)

    def show(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        steps = progress.steps(self.draft, self.found, self.remarks)
        return self.render(
            f"drafts/{template}.html",
            status=status,
            draft=self.draft,
            steps=steps,
            step=next((step for step in steps if step.name == self.task), None),
            remarks=self.remarks,
            document=self.found.document,
            manifest=self.found.manifest,
            **context,
        )


class TaskList(DraftPage):
    def get(self, request: HttpRequest, draft_id: UUID) -> HttpResponse:
        self.load(draft_id)
        return self.show("draft")


class TaskPage(DraftPage):
    """One task: its form, what the checks say about it, and where it leads next."""

    def get(self, request: HttpRequest, draft_id: UUID, part: str) -> HttpResponse:
        self.load(draft_id)
        self.task = part
        if part == "checks":
            return self.show("checks", told=_by_severity(self.remarks), may_try=self.found.manifest is not None)
        if part == "send":
            return self._review(proposal_for(self.draft, self.found, self.member))
        return self._form(self._made())

    def post(self, request: HttpRequest, draft_id: UUID, part: str) -> HttpResponse:
        self.load(draft_id)
        self.task = part
        if part == "send":
            return self._send()
        form = self._made(request.POST)
        if not form.is_valid():
            return self._form(form, status=422)
        services.save_draft(draft=self.draft, task=part, about=form.told(), by=self.member)
        if "stay" in request.POST:
            return redirect("drafts:task", draft_id, part)
        return redirect("drafts:task", draft_id, _after(part))

    def _made(self, data: Any = None) -> Any:
        about = self.draft.about
        match self.task:
            case "text":
                form = TextForm(data, initial=TextForm.initial_of(about))
                form.fields["name"].disabled = self.draft.listing_id is not None  # the listing keeps its address
                return form
            case "inputs":
                return SampleForm(self.found.document, data, initial=SampleForm.initial_of(about))
            case "permissions":
                return PermissionsForm(
                    progress.asked(self.found.document),
                    data,
                    needs_hosts=progress.needs_hosts(self.found),
                    may_start=self.found.document["kind"] != "Scenario",
                    initial=PermissionsForm.initial_of(about),
                )
        raise NotFound("There is no such task; a draft has six.")

    def _form(self, form: forms.Form, *, status: int = 200) -> HttpResponse:
        description = str(self.found.document["metadata"].get("description", ""))
        return self.show(
            "task",
            status=status,
            form=form,
            own_remarks=progress.by_task(self.remarks, self.task) if self.task in self.draft.saved else [],
            preview=render_markdown(description) if self.task == "text" else "",
        )

    def _review(self, proposal: Proposal, form: SendForm | None = None, *, status: int = 200) -> HttpResponse:
        metadata = self.draft.about.get("metadata", {})
        told = {
            "visibility": self.draft.visibility,
            "version": metadata.get("version") or proposal.version,
            "notes": metadata.get("changelog") or proposal.notes,
        }
        return self.show(
            "send",
            status=status,
            form=form or SendForm(initial=told),
            proposal=proposal,
            difference={"old": proposal.before, "new": {"semver": proposal.version}},
            powers=powers(self.found.manifest) if self.found.manifest else (),
            faults=[remark for remark in self.remarks if remark.severity == "error" and remark.enforced],
            may_send=self.member.may(Role.ADMIN),
        )

    def _send(self) -> HttpResponse:
        proposal = proposal_for(self.draft, self.found, self.member)
        form = SendForm(self.request.POST)
        if not form.is_valid():
            return self._review(proposal, form, status=422)
        try:
            version = services.send_draft(draft=self.draft, by=self.member, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
            return self._review(proposal, form, status=refusal.status)
        messages.success(self.request, f"{version.listing.title} {version.semver} was sent in.")
        return redirect("drafts:version", version.pk)


class TryDraft(DraftPage):
    """Try the example in the sandbox, before anything is sent."""

    def post(self, request: HttpRequest, draft_id: UUID) -> HttpResponse:
        self.load(draft_id)
        manifest = services.whole(self.found)
        inputs = trying.example_of(manifest)
        fresh = trying.start_trial(
            manifest=manifest, inputs=inputs, caller=trying.caller_of(f"user:{self.member.user_id}")
        )
        return redirect(trying.address_of(fresh.token))


def _after(task: str) -> str:
    names = [name for name, _ in progress.TASKS]
    return names[min(names.index(task) + 1, len(names) - 1)]


def _by_severity(remarks: list[Remark]) -> list[tuple[str, list[Remark]]]:
    titles = (("error", "To be mended"), ("warning", "Look at this"), ("info", "Good to know"))
    groups = [(title, [remark for remark in remarks if remark.severity == severity]) for severity, title in titles]
    return [(title, found) for title, found in groups if found]
