"""Reviews over HTTP: everybody reads them, people with an account write them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace import access as market
from marketplace.models import Listing
from marketplace.moderation import services as moderation
from marketplace.moderation.models import ReasonCode
from marketplace.reviews import access, queries, services
from marketplace.reviews.models import Review
from marketplace.reviews.queries import Ordering
from marketplace.reviews.serializers import (
    NewReviewIn,
    ReviewIn,
    ReviewOut,
    ReviewReplyIn,
    ReviewReplyOut,
    ReviewReportedOut,
    ReviewReportIn,
)
from marketplace.reviews.services import Words, hiding
from tenants.api.views import PublicView, SignedInView
from tenants.errors import FieldError, Invalid, NotFound
from tenants.models import Tenant, User

FILTERS = ("ordering", "version", "score")
SCORES = ("1", "2", "3", "4", "5")
PARAMETERS = [
    OpenApiParameter("ordering", OpenApiTypes.STR, enum=[each.value for each in Ordering]),
    OpenApiParameter("version", OpenApiTypes.STR, description="Only of this version, as in 1.2.0."),
    OpenApiParameter("score", OpenApiTypes.INT, enum=[1, 2, 3, 4, 5]),
]


class ReviewsView(PublicView):
    refuses = (401, 403)

    @extend_schema(operation_id="reviews_list", parameters=PARAMETERS, responses=ReviewOut(many=True))
    def get(self, request: Request, publisher: str, slug: str) -> Response:
        """What people say who have run it, most helpful first."""
        given = self.filters(FILTERS)
        ordering = Ordering(_one_of("ordering", given, [each.value for each in Ordering]) or Ordering.HELPFUL)
        found = queries.shown(
            _listing(request, publisher, slug),
            version=given.get("version", ""),
            score=int(_one_of("score", given, SCORES) or 0),
            ordering=ordering,
        )
        return self.page(found, ReviewOut, ordering=queries.COLUMNS[ordering])

    @extend_schema(operation_id="reviews_write", request=NewReviewIn, responses={201: ReviewOut})
    def post(self, request: Request, publisher: str, slug: str) -> Response:
        """Review it, once. Somebody of a workspace where a run of it succeeded, and nobody of the publisher's."""
        user = _signed_in(request)
        given = self.read(NewReviewIn)
        tenant = _workspace(user, given.pop("workspace", ""))
        listing = _listing(request, publisher, slug)
        return self.answer(
            services.write_review(listing=listing, words=Words(**given), by=user, tenant=tenant), ReviewOut, 201
        )


class ReviewView(PublicView):
    refuses = (401, 403)

    @extend_schema(operation_id="reviews_read", responses=ReviewOut)
    def get(self, request: Request, publisher: str, slug: str, review_id: UUID) -> Response:
        return self.answer(_found(request, publisher, slug, review_id), ReviewOut)

    @extend_schema(operation_id="reviews_update", request=ReviewIn, responses=ReviewOut)
    def patch(self, request: Request, publisher: str, slug: str, review_id: UUID) -> Response:
        """Change one's own; what it said before stays readable under edits."""
        user = _signed_in(request)
        review = self.check_match(_found(request, publisher, slug, review_id), ReviewOut)
        access.require_author(review, user)
        given = self.read(ReviewIn, partial=True)
        said = {name: given.get(name, getattr(review, name)) for name in ("score", "title", "body", "pros", "cons")}
        return self.answer(services.edit_review(review=review, words=Words(**said), by=user), ReviewOut)

    @extend_schema(operation_id="reviews_remove", responses={204: None})
    def delete(self, request: Request, publisher: str, slug: str, review_id: UUID) -> Response:
        user = _signed_in(request)
        review = self.check_match(_found(request, publisher, slug, review_id), ReviewOut)
        services.remove_review(review=review, by=user)
        return Response(status=204)


class VoteView(SignedInView):
    """One vote of a person: there, or not."""

    @extend_schema(operation_id="reviews_vote", request=None, responses=ReviewOut)
    def put(self, request: Request, publisher: str, slug: str, review_id: UUID) -> Response:
        """Find it helpful. Twice counts once; nobody votes for their own."""
        review = services.vote(review=_found(request, publisher, slug, review_id), by=self.user)
        return self.answer(review, ReviewOut)

    @extend_schema(operation_id="reviews_unvote", responses=ReviewOut)
    def delete(self, request: Request, publisher: str, slug: str, review_id: UUID) -> Response:
        review = services.unvote(review=_found(request, publisher, slug, review_id), by=self.user)
        return self.answer(review, ReviewOut)


class ReplyView(SignedInView):
    """The publisher's one answer."""

    @extend_schema(operation_id="reviews_reply", request=ReviewReplyIn, responses=ReviewReplyOut)
    def put(self, request: Request, publisher: str, slug: str, review_id: UUID) -> Response:
        review = _found(request, publisher, slug, review_id)
        return self.answer(
            services.reply(review=review, text=self.read(ReviewReplyIn)["text"], by=self.user), ReviewReplyOut
        )

    @extend_schema(operation_id="reviews_take_back_reply", responses={204: None})
    def delete(self, request: Request, publisher: str, slug: str, review_id: UUID) -> Response:
        services.take_back_reply(review=_found(request, publisher, slug, review_id), by=self.user)
        return Response(status=204)


class ReportView(SignedInView):
    @extend_schema(operation_id="reviews_report", request=ReviewReportIn, responses={201: ReviewReportedOut})
    def post(self, request: Request, publisher: str, slug: str, review_id: UUID) -> Response:
        """Tell the moderators about a review; you hear what came of it."""
        review = _found(request, publisher, slug, review_id)
        given = self.read(ReviewReportIn)
        about, reason = hiding.find(review.pk), ReasonCode(given["reason"])
        moderation.report(about, reason=reason, text=given["text"], by=self.user)
        return Response({"detail": "A moderator reads it. You will be told what came of it."}, status=201)


def _listing(request: Request, publisher: str, slug: str) -> Listing:
    return market.get_listing(publisher, slug, tenants=market.workspaces_of(request.user))


def _found(request: Request, publisher: str, slug: str, review_id: UUID) -> Review:
    user = request.user if isinstance(request.user, User) else None
    return access.get_review(_listing(request, publisher, slug), review_id, for_user=user)


def _signed_in(request: Request) -> User:
    if not isinstance(request.user, User):
        raise NotAuthenticated("Sign in: send Authorization: Bearer with an access token.")
    return request.user


def _workspace(user: User, slug: str) -> Tenant | None:
    if not slug:
        return None
    found: Tenant | None = Tenant.objects.filter(slug=slug, memberships__user=user).first()
    if found is None:
        raise NotFound("There is no such workspace, or you are not a member of it.")
    return found


def _one_of(name: str, given: dict[str, Any], known: list[str] | tuple[str, ...]) -> str:
    value = str(given.get(name, ""))
    if name in given and value not in known:
        detail = f"One of: {', '.join(known)}."
        raise Invalid(detail, errors=[FieldError(name, "invalid", detail)])
    return value
