"""What became of a version that was sent in: its timeline, the reviewers' words, answering and taking it back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.checks.finding import Finding, Report, Severity
from marketplace.drafts.forms import AnswerForm
from marketplace.drafts.models import Draft
from marketplace.drafts.services import reopen_draft
from marketplace.models import ListingVersion
from marketplace.publishing import checking, services
from marketplace.publishing.access import get_submission
from marketplace.publishing.timeline import standing_of
from tenants.access import Role
from tenants.pages import WorkspacePage

States = ListingVersion.ReviewState
OPEN = frozenset({States.SUBMITTED, States.CHECKING, States.CHANGES_REQUESTED, States.IN_REVIEW})


class VersionPage(WorkspacePage):
    def get(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        return self.show(get_submission(self.member, version_id), AnswerForm())

    def show(self, version: ListingVersion, form: AnswerForm, *, status: int = 200) -> HttpResponse:
        may_act = self.member.may(Role.ADMIN)
        return self.render(
            "drafts/version.html",
            status=status,
            version=version,
            listing=version.listing,
            standing=standing_of(version),
            findings=_told(checking.kept(version)),
            draft=Draft.objects.filter(version_id=version.pk).first(),
            form=form,
            may_answer=may_act and version.review_state == States.CHANGES_REQUESTED,
            may_withdraw=may_act and version.review_state in OPEN,
        )


class Answer(VersionPage):
    """Say something to the reviewer and send the same content again."""

    def post(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        version = get_submission(self.member, version_id)
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return self.show(version, form, status=422)
        services.answer(version=version, text=form.cleaned_data["text"], by=self.member)
        messages.success(request, "Your answer is sent; it is looked at again.")
        return redirect("drafts:version", version_id)


class Withdraw(WorkspacePage):
    def post(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        version = services.withdraw(version=get_submission(self.member, version_id), by=self.member)
        messages.success(request, f"Version {version.semver} is taken back.")
        return redirect("drafts:version", version_id)


class Correct(WorkspacePage):
    """Open the draft of a version that was sent back, to be mended and sent again under its number."""

    def post(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        version = get_submission(self.member, version_id)
        draft = reopen_draft(version=version, by=self.member)
        return redirect("drafts:draft", draft.pk)


def _told(report: Report | None) -> list[Finding]:
    return [finding for finding in report.findings if finding.severity is not Severity.INFO] if report else []
