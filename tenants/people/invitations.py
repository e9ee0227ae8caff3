"""Inviting people into a workspace, and taking an invitation up."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import access, handing, queries, services
from tenants.access import Role, require_admin
from tenants.api import limits
from tenants.api.views import SignedInView, WorkspaceView
from tenants.proving.keys import digest_of
from tenants.serializers import AcceptIn, FreshInvitationOut, InvitationIn, InvitationOut, WorkspaceOut
from tenants.services.invitations import FreshInvitation

TRIES_PER_HOUR = 60


class InvitationDoor(WorkspaceView):
    shown_once = ("link",)

    def handed(self, fresh: FreshInvitation, status: int) -> Response:
        link = handing.hand_over(fresh, self.request._request)
        return Response(FreshInvitationOut(fresh.row, context={"link": link}).data, status=status)


class InvitationsView(InvitationDoor):
    @extend_schema(operation_id="invitations_list", responses=InvitationOut(many=True))
    def get(self, request: Request) -> Response:
        """All of them, ended ones included. Admins only."""
        require_admin(self.member)
        self.filters(())
        return self.page(queries.invitations_to(self.member.tenant_id), InvitationOut)

    @extend_schema(operation_id="invitations_create", request=InvitationIn, responses={201: FreshInvitationOut})
    def post(self, request: Request) -> Response:
        """Invite an address, which gets a mail, or make a link. The link is in this answer and nowhere else."""
        given = self.read(InvitationIn)
        handing.count_making(self.member)
        role = Role(given.pop("role"))
        return self.handed(
            services.invite(role=role, by=self.member, home=handing.home_of(request._request), **given), 201
        )


class InvitationView(WorkspaceView):
    @extend_schema(operation_id="invitations_read", responses=InvitationOut)
    def get(self, request: Request, invitation_id: UUID) -> Response:
        return self.answer(access.get_invitation(self.member, invitation_id), InvitationOut)

    @extend_schema(operation_id="invitations_revoke", responses={204: None})
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        """Withdraw it; whoever came in by it stays."""
        services.revoke_invitation(invitation=access.get_invitation(self.member, invitation_id), by=self.member)
        return Response(status=204)


class RenewInvitationView(InvitationDoor):
    @extend_schema(operation_id="invitations_renew", request=None, responses=FreshInvitationOut)
    def post(self, request: Request, invitation_id: UUID) -> Response:
        """Send it again, for seven more days, under another address; the one before works no more."""
        invitation = access.get_invitation(self.member, invitation_id)
        handing.count_making(self.member)
        return self.handed(
            services.renew_invitation(invitation=invitation, by=self.member, home=handing.home_of(request._request)),
            200,
        )


class AcceptView(SignedInView):
    @extend_schema(operation_id="invitations_accept", request=AcceptIn, responses=WorkspaceOut)
    def post(self, request: Request) -> Response:
        """Take an invitation up. What is wrong with one is not told apart: used, withdrawn, expired and unknown are 404."""
        given = self.read(AcceptIn)
        limits.take_or_refuse("invitation", str(self.user.pk), TRIES_PER_HOUR, window=handing.HOUR)
        address = str(limits.origin_of(request.META) or "")
        made = services.accept_invitation(digest=digest_of(given["secret"]), user=self.user, address=address)
        return self.answer(queries.memberships_of(self.user).get(pk=made.pk), WorkspaceOut)
