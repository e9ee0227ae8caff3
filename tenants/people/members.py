"""Who belongs to a workspace."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import access, queries, services
from tenants.access import Role
from tenants.api import limits
from tenants.api.views import WorkspaceView
from tenants.serializers import MemberIn, MemberOut, RoleIn

NEW_PER_HOUR = 60  # the answer says whether somebody has an account here, so it is not for guessing


class MembersView(WorkspaceView):
    @extend_schema(operation_id="members_list", responses=MemberOut(many=True))
    def get(self, request: Request) -> Response:
        self.filters(())
        return self.page(queries.members_of(self.member.tenant_id), MemberOut)

    @extend_schema(operation_id="members_add", request=MemberIn, responses={201: MemberOut})
    def post(self, request: Request) -> Response:
        """Give somebody who has an account here a role in this workspace."""
        given = self.read(MemberIn)
        limits.take_or_refuse("members", str(self.member.user_id), NEW_PER_HOUR, window=3600)
        added = services.add_member(email=given["email"], role=Role(given["role"]), by=self.member)
        return self.answer(added, MemberOut, 201)


class MemberView(WorkspaceView):
    @extend_schema(operation_id="members_read", responses=MemberOut)
    def get(self, request: Request, membership_id: UUID) -> Response:
        return self.answer(access.get_membership(self.member, membership_id), MemberOut)

    @extend_schema(operation_id="members_update", request=RoleIn, responses=MemberOut)
    def patch(self, request: Request, membership_id: UUID) -> Response:
        membership = self.check_match(access.get_membership(self.member, membership_id), MemberOut)
        given = self.read(RoleIn, partial=True)
        if given:
            membership = services.change_role(membership_id=membership.pk, role=Role(given["role"]), by=self.member)
        return self.answer(membership, MemberOut)

    @extend_schema(operation_id="members_remove", responses={204: None})
    def delete(self, request: Request, membership_id: UUID) -> Response:
        """Take somebody out, or leave."""
        membership = self.check_match(access.get_membership(self.member, membership_id), MemberOut)
        services.remove_member(membership_id=membership.pk, by=self.member)
        return Response(status=204)
