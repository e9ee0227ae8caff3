"""What may be installed here, and requests that wait for an admin."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.installs import access, rules, services
from marketplace.installs.models import Approval, InstallPolicy, UpdatePolicy
from marketplace.installs.models.policy import KINDS
from tenants.access import require_admin
from tenants.api.views import WorkspaceView
from tenants.errors import FieldError, Invalid

SLUG = r"^[a-z0-9](-?[a-z0-9]){0,49}$"
STATE = OpenApiParameter("state", OpenApiTypes.STR, enum=Approval.State.values)


class PolicyIn(serializers.Serializer[Any]):
    """Empty lists allow all."""

    publishers = serializers.ListField(
        child=serializers.RegexField(SLUG, max_length=50), required=False, max_length=200
    )
    kinds = serializers.ListField(child=serializers.ChoiceField(KINDS), required=False, max_length=4)
    highest_risk = serializers.IntegerField(
        min_value=1, max_value=3, required=False, help_text="1 low, 2 medium, 3 high."
    )
    needs_approval = serializers.BooleanField(required=False)
    update_policy = serializers.ChoiceField(UpdatePolicy.choices, required=False)


class PolicyOut(serializers.ModelSerializer[InstallPolicy]):
    publishers = serializers.ListField(child=serializers.CharField())
    kinds = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = InstallPolicy
        fields = ("publishers", "kinds", "highest_risk", "needs_approval", "update_policy", "changed_by")
        read_only_fields = fields


class ApprovalOut(serializers.ModelSerializer[Approval]):
    listing = serializers.CharField(source="ref", read_only=True)
    version = serializers.CharField(source="semver", read_only=True)
    installation = serializers.UUIDField(source="installation_id", read_only=True, allow_null=True)
    grants = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Approval
        fields = (
            "id", "listing", "version", "digest", "title", "kind", "installation", "grants", "state", "asked_by", "decided_by",
            "decided_at", "answer", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class RefusalIn(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")


class PolicyView(WorkspaceView):
    @extend_schema(operation_id="install_policy", responses=PolicyOut)
    def get(self, request: Request) -> Response:
        """What may be installed in this workspace."""
        self.filters(set())
        return self.answer(rules.current(), PolicyOut)

    @extend_schema(operation_id="change_install_policy", request=PolicyIn, responses=PolicyOut)
    def patch(self, request: Request) -> Response:
        """Change it. It holds from the next installation and the next update on. Admins only."""
        require_admin(self.member)
        changes = self.read(PolicyIn, partial=True)
        self.check_match(InstallPolicy.objects.get_or_create(only=True)[0], PolicyOut)
        return self.answer(services.change_policy(changes=changes, by=self.member), PolicyOut)


class ApprovalsView(WorkspaceView):
    @extend_schema(operation_id="install_approvals", parameters=[STATE], responses=ApprovalOut(many=True))
    def get(self, request: Request) -> Response:
        """Requests to install or to update, newest first: for admins all of them, for others their own."""
        state = self.filters({"state"}).get("state")
        found = access.approvals(self.member)
        if state is not None:
            found = found.filter(state=_known(state))
        return self.page(found, ApprovalOut)


class ApprovalView(WorkspaceView):
    @extend_schema(operation_id="install_approval", responses=ApprovalOut)
    def get(self, request: Request, approval_id: UUID) -> Response:
        return self.answer(access.get_approval(self.member, approval_id), ApprovalOut)


class ApproveView(WorkspaceView):
    @extend_schema(operation_id="approve_installation", request=None, responses=ApprovalOut)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Say yes: it is installed or updated in your name, with the permissions that were named in the request."""
        services.approve(approval=access.get_approval(self.member, approval_id), by=self.member)
        return self.answer(access.get_approval(self.member, approval_id), ApprovalOut)


class RefuseView(WorkspaceView):
    @extend_schema(operation_id="refuse_installation", request=RefusalIn, responses=ApprovalOut)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Say no; whoever asked is told, with your answer."""
        answer = self.read(RefusalIn)["answer"]
        approval = access.get_approval(self.member, approval_id)
        return self.answer(services.refuse_request(approval=approval, answer=answer, by=self.member), ApprovalOut)


class WithdrawView(WorkspaceView):
    @extend_schema(operation_id="withdraw_install_request", request=None, responses=ApprovalOut)
    def post(self, request: Request, approval_id: UUID) -> Response:
        """Take back one's own request."""
        approval = access.get_approval(self.member, approval_id)
        return self.answer(services.withdraw(approval=approval, by=self.member), ApprovalOut)


def _known(state: str) -> str:
    if state not in Approval.State.values:
        detail = f"A state is one of {', '.join(Approval.State.values)}."
        raise Invalid(detail, errors=[FieldError("state", "invalid", detail)])
    return state
