"""Publishing over HTTP: `submissions/` and the own `listings/` of a workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.drafts import serializers as form
from marketplace.drafts.composing import composed
from marketplace.drafts.services import whole
from marketplace.drafts.sources import source_of
from marketplace.drafts.successors import successor_of
from marketplace.manifest.envelope import Manifest
from marketplace.models import ListingVersion
from marketplace.publishing import access, services
from marketplace.publishing.manifests import manifest_from
from tenants.access import Member, require_builder
from tenants.api.filters import check_uuid
from tenants.api.views import WorkspaceView
from tenants.errors import FieldError, Invalid

FILTERS = {"state", "listing"}
PARAMETERS = [
    OpenApiParameter("state", OpenApiTypes.STR, enum=ListingVersion.ReviewState.values),
    OpenApiParameter("listing", OpenApiTypes.UUID),
]


class SubmissionsView(WorkspaceView):
    refuses = (403, 409, 429)

    @extend_schema(operation_id="submissions", parameters=PARAMETERS, responses=form.SubmissionOut(many=True))
    def get(self, request: Request) -> Response:
        """What this workspace has sent in, newest first; `state` and `listing` (its id) narrow it."""
        return self.page(_narrowed(self.member, self.filters(FILTERS)), form.SubmissionOut)

    @extend_schema(operation_id="submit", request=form.SubmissionIn, responses={201: form.SubmissionPageOut})
    def post(self, request: Request) -> Response:
        """Send a version in. It is checked and evaluated in the background; what is for everybody may then wait for a reviewer."""
        sent = self.read(form.SubmissionIn)
        version = services.submit(manifest=_manifest(self.member, sent), visibility=sent["visibility"], by=self.member)
        return self.answer(access.get_submission(self.member, version.pk), form.SubmissionPageOut, status=201)


class SubmissionView(WorkspaceView):
    @extend_schema(operation_id="submission", responses=form.SubmissionPageOut)
    def get(self, request: Request, version_id: UUID) -> Response:
        """One submission: where it stands, what was found, what was decided and how to appeal."""
        return self.answer(access.get_submission(self.member, version_id), form.SubmissionPageOut)


class WithdrawView(WorkspaceView):
    refuses = (403, 409)

    @extend_schema(operation_id="withdraw_submission", request=None, responses=form.SubmissionOut)
    def post(self, request: Request, version_id: UUID) -> Response:
        """Take back a version that is not published yet. Its number is used up."""
        version = services.withdraw(version=access.get_submission(self.member, version_id), by=self.member)
        return self.answer(version, form.SubmissionOut)


class AnswerView(WorkspaceView):
    refuses = (403, 409, 429)

    @extend_schema(operation_id="answer_submission", request=form.SubmissionAnswerIn, responses=form.SubmissionOut)
    def post(self, request: Request, version_id: UUID) -> Response:
        """Answer what a reviewer asked, with the content as it is; to correct the content, submit the same version again."""
        text = self.read(form.SubmissionAnswerIn)["text"]
        version = services.answer(version=access.get_submission(self.member, version_id), text=text, by=self.member)
        return self.answer(version, form.SubmissionOut)


class OwnListingsView(WorkspaceView):
    @extend_schema(operation_id="own_listings", responses=form.OwnListingOut(many=True))
    def get(self, request: Request) -> Response:
        """What this workspace publishes, whoever may see it."""
        self.filters(())
        return self.page(access.listings(self.member), form.OwnListingOut)


class OwnListingView(WorkspaceView):
    @extend_schema(operation_id="own_listing", responses=form.OwnListingOut)
    def get(self, request: Request, listing_id: UUID) -> Response:
        """One listing of this workspace."""
        return self.answer(access.get_listing(self.member, listing_id), form.OwnListingOut)


class VisibilityView(WorkspaceView):
    refuses = (403, 409)

    @extend_schema(operation_id="set_listing_visibility", request=form.VisibilityIn, responses=form.OwnListingOut)
    def post(self, request: Request, listing_id: UUID) -> Response:
        """Say who sees it. What was not read for everybody is refused: submit a version for everybody first."""
        listing = access.get_listing(self.member, listing_id)
        wanted = self.read(form.VisibilityIn)["visibility"]
        return self.answer(
            services.set_visibility(listing=listing, visibility=wanted, by=self.member), form.OwnListingOut
        )


class RetireView(WorkspaceView):
    refuses = (403, 409)

    @extend_schema(operation_id="retire_listing", request=None, responses=form.OwnListingOut)
    def post(self, request: Request, listing_id: UUID) -> Response:
        """End the offer for good; whoever installed it keeps it."""
        listing = services.retire(listing=access.get_listing(self.member, listing_id), by=self.member)
        return self.answer(listing, form.OwnListingOut)


class DeprecateView(WorkspaceView):
    refuses = (403, 409)

    @extend_schema(operation_id="deprecate_version", request=form.DeprecateIn, responses=form.SubmissionOut)
    def post(self, request: Request, listing_id: UUID) -> Response:
        """Tell people to use something else; the version can still be installed."""
        said = self.read(form.DeprecateIn)
        version = access.get_version(self.member, listing_id, said["version"])
        changed = services.deprecate(
            version=version, reason=said["reason"], successor=successor_of(said["successor"]), by=self.member
        )
        return self.answer(changed, form.SubmissionOut)


class YankView(WorkspaceView):
    refuses = (403, 409)

    @extend_schema(operation_id="yank_version", request=form.YankIn, responses=form.SubmissionOut)
    def post(self, request: Request, listing_id: UUID) -> Response:
        """Offer a version no longer; locks that name it still resolve."""
        said = self.read(form.YankIn)
        version = access.get_version(self.member, listing_id, said["version"])
        return self.answer(services.yank(version=version, reason=said["reason"], by=self.member), form.SubmissionOut)


class UnyankView(WorkspaceView):
    refuses = (403, 409)

    @extend_schema(operation_id="unyank_version", request=form.VersionIn, responses=form.SubmissionOut)
    def post(self, request: Request, listing_id: UUID) -> Response:
        """Offer a deprecated or yanked version again."""
        version = access.get_version(self.member, listing_id, self.read(form.VersionIn)["version"])
        return self.answer(services.unyank(version=version, by=self.member), form.SubmissionOut)


class SharesView(WorkspaceView):
    refuses = (403, 409)

    @extend_schema(operation_id="listing_shares", responses=form.ShareOut(many=True))
    def get(self, request: Request, listing_id: UUID) -> Response:
        """The workspaces that may see and install it while it is shared."""
        self.filters(())
        return self.page(access.get_listing(self.member, listing_id).shares.all(), form.ShareOut)

    @extend_schema(operation_id="share_listing", request=form.ShareIn, responses={201: form.ShareOut})
    def post(self, request: Request, listing_id: UUID) -> Response:
        """Let another workspace see and install it."""
        listing = access.get_listing(self.member, listing_id)
        made = services.share(listing=listing, by=self.member, **self.read(form.ShareIn))
        return self.answer(made, form.ShareOut, status=201)


class ShareView(WorkspaceView):
    refuses = (403,)

    @extend_schema(operation_id="unshare_listing", responses={204: None})
    def delete(self, request: Request, listing_id: UUID, workspace: str) -> Response:
        """Take a share back; what was installed there stays."""
        listing = access.get_listing(self.member, listing_id)
        services.unshare(listing=listing, workspace=workspace, by=self.member)
        return Response(status=204)


def _narrowed(member: Member, given: dict[str, str]) -> QuerySet[ListingVersion]:
    check_uuid("listing", given.get("listing"))
    state = given.get("state")
    if state is not None and state not in ListingVersion.ReviewState.values:
        detail = f"There are the states {', '.join(ListingVersion.ReviewState.values)}."
        raise Invalid(detail, errors=[FieldError("state", "unknown", detail)])
    wanted = {"review_state": state, "listing_id": given.get("listing")}
    return access.submissions(member).filter(**{name: value for name, value in wanted.items() if value})


def _manifest(member: Member, sent: dict[str, Any]) -> Manifest:
    require_builder(member)
    if "manifest" in sent:
        return manifest_from(sent["manifest"])
    kind = next(name for name in ("crew", "agent", "scenario") if name in sent)
    return whole(composed(source_of(member, kind, sent[kind]), sent.get("about", {}), member))
