"""What this workspace publishes, and beginning something new."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.drafts import access, services
from marketplace.drafts.models import Draft
from marketplace.drafts.sources import publishable
from marketplace.models import ListingVersion
from marketplace.publishing.access import get_listing, listings, submissions
from marketplace.publishing.publishers import namespace_for, publisher_of
from tenants.access import Role
from tenants.errors import Invalid
from tenants.pages import WorkspacePage

SHOWN = 50
States = ListingVersion.ReviewState
OPEN = (States.SUBMITTED, States.CHECKING, States.CHANGES_REQUESTED, States.IN_REVIEW, States.APPROVED)


class Published(WorkspacePage):
    """Drafts, what is under way, and the own listings."""

    def get(self, request: HttpRequest) -> HttpResponse:
        may_build = self.member.may(Role.OPERATOR)
        return self.render(
            "drafts/home.html",
            drafts=access.drafts(self.member)[:SHOWN] if may_build else [],
            under_way=submissions(self.member).filter(review_state__in=OPEN).order_by("-submitted_at")[:SHOWN],
            listings=listings(self.member).order_by("title")[:SHOWN],
            namespace=namespace_for(self.member),
            publisher=publisher_of(self.member),
            may_build=may_build,
        )


class NewDraft(WorkspacePage):
    """Task 1: choose what to publish."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.choose()

    def post(self, request: HttpRequest) -> HttpResponse:
        kind, source_id = chosen(request)
        draft = services.begin_draft(kind=kind, source_id=source_id, by=self.member)
        return redirect("drafts:draft", draft.pk)

    def choose(self, draft: Draft | None = None) -> HttpResponse:
        return self.render(
            "drafts/choose.html",
            draft=draft,
            found=[(Draft.Kind(kind).label, kind, rows) for kind, rows in publishable().items()],
            preset=self.request.GET.get("source", ""),
            may_build=self.member.may(Role.OPERATOR),
        )


class ChangeSource(NewDraft):
    """Task 1 again: publish something else under the same words."""

    def get(self, request: HttpRequest, draft_id: UUID) -> HttpResponse:  # type: ignore[override]
        return self.choose(access.get_draft(self.member, draft_id))

    def post(self, request: HttpRequest, draft_id: UUID) -> HttpResponse:  # type: ignore[override]
        kind, source_id = chosen(request)
        draft = access.get_draft(self.member, draft_id)
        services.choose_source(draft=draft, kind=kind, source_id=source_id, by=self.member)
        return redirect("drafts:draft", draft.pk)


class UpdateListing(WorkspacePage):
    """Begin the next version of an own listing: at task 6, with what was said last."""

    def post(self, request: HttpRequest, listing_id: UUID) -> HttpResponse:
        listing = get_listing(self.member, listing_id)
        draft = services.begin_update(listing=listing, by=self.member)
        if draft is None:
            messages.info(
                request, f"No draft of {listing.title} is kept here. Choose what its next version is made from."
            )
            return redirect("drafts:new")
        return redirect("drafts:task", draft.pk, "send")


class DeleteDraft(WorkspacePage):
    def post(self, request: HttpRequest, draft_id: UUID) -> HttpResponse:
        services.delete_draft(draft=access.get_draft(self.member, draft_id), by=self.member)
        messages.success(request, "The draft is gone. What was sent in stays.")
        return redirect("drafts:home")


def chosen(request: HttpRequest) -> tuple[str, UUID]:
    """The choice of task 1, as `kind:id`."""
    kind, _, source_id = request.POST.get("source", "").partition(":")
    try:
        return kind, UUID(source_id)
    except ValueError:
        raise Invalid("Choose a crew, an agent or a scenario of this workspace.") from None
