"""Reports and appeals over HTTP."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace import access as market
from marketplace.moderation import services
from marketplace.moderation.access import get_decision
from marketplace.moderation.models import Decision, ReasonCode
from marketplace.moderation.presenting import shown
from marketplace.moderation.queries.concerning import decisions_against
from marketplace.moderation.serializers import AppealIn, DecisionOut, ReportIn, ReportOut, ShownOut
from tenants.api.views import SignedInView


class ReportsView(SignedInView):
    """What is wrong with a listing, told to the platform's moderators."""

    refuses = (403, 409)

    @extend_schema(operation_id="listing_report", request=ReportIn, responses={201: ReportOut})
    def post(self, request: Request, publisher: str, slug: str) -> Response:
        """Report a listing. One report of a person is read at a time; you are told what came of it."""
        given = self.read(ReportIn)
        listing = market.get_listing(publisher, slug, tenants=market.workspaces_of(self.user))
        version = market.get_version(listing, given["version"]) if given.get("version") else listing.current_version
        made = services.report(
            listing, reason=ReasonCode(given["reason"]), text=given["text"], by=self.user, version=version
        )
        return self.answer(made, ReportOut, 201)


class AppealsView(SignedInView):
    @extend_schema(operation_id="appeals_list", responses=ShownOut(many=True))
    def get(self, request: Request) -> Response:
        """Decisions against what you speak for, newest first, each with its grounds and its appeal."""
        self.filters(())
        return self.page(decisions_against(self.user), DecisionOut)


class AppealView(SignedInView):
    refuses = (409,)

    @extend_schema(operation_id="appeals_read", responses=ShownOut)
    def get(self, request: Request, token: UUID) -> Response:
        return self.answer(shown(self._decision(token)), ShownOut)

    @extend_schema(operation_id="appeals_write", request=AppealIn, responses={201: ShownOut})
    def post(self, request: Request, token: UUID) -> Response:
        """Say why the decision is wrong, once. Somebody who had no part in it answers."""
        self._decision(token)
        services.appeal(token, by=self.user, text=self.read(AppealIn)["text"])
        return self.answer(shown(self._decision(token)), ShownOut, 201)

    def _decision(self, token: UUID) -> Decision:
        decision = get_decision(token)
        services.readable_by(decision, self.user)
        return decision
