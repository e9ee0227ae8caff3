"""Installing, and one installation: what it is, what a newer version would change, whether it still is what was locked."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.installs import access, differing, services
from marketplace.installs.api.policies import ApprovalOut
from marketplace.installs.api.shapes import (
    InstallationChange,
    InstallationOut,
    InstallationPageOut,
    InstallIn,
    UpdateDifferenceOut,
    VerdictOut,
    wish_of,
)
from marketplace.installs.finding import find_version
from marketplace.installs.models import Approval, UpdatePolicy
from marketplace.installs.verifying import verify
from tenants.api.views import WorkspaceView

TO = OpenApiParameter(
    "to", OpenApiTypes.STR, description="A version of the listing; left out, the newest that is offered."
)


class InstallationsView(WorkspaceView):
    @extend_schema(operation_id="installations", responses=InstallationOut(many=True))
    def get(self, request: Request) -> Response:
        """What is installed in this workspace, newest first."""
        self.filters(set())
        return self.page(access.installed(), InstallationOut)

    @extend_schema(operation_id="install", request=InstallIn, responses={201: InstallationPageOut, 202: ApprovalOut})
    def post(self, request: Request) -> Response:
        """Install a listing. `grants` must name every permission that it asks for.

        Where the workspace wants an admin to say yes first, the answer is 202 with the request for that.
        """
        wanted = self.read(InstallIn)
        version = find_version(wanted["listing"], wanted["version"], by=self.member)
        made = services.request_installation(version=version, by=self.member, wish=wish_of(wanted))
        if isinstance(made, Approval):
            return self.answer(made, ApprovalOut, status=202)
        return self.answer(made, InstallationPageOut, status=201)


class InstallationView(WorkspaceView):
    @extend_schema(operation_id="installation", responses=InstallationPageOut)
    def get(self, request: Request, installation_id: UUID) -> Response:
        """One installation with its grants, its pins and its manifest."""
        return self.answer(access.get_installation(installation_id), InstallationPageOut)

    @extend_schema(operation_id="change_installation", request=InstallationChange, responses=InstallationPageOut)
    def patch(self, request: Request, installation_id: UUID) -> Response:
        """Say which newer versions come by themselves: none, corrections, or all. One that may do more never does."""
        installation = self.check_match(access.get_installation(installation_id), InstallationPageOut)
        policy = UpdatePolicy(self.read(InstallationChange)["update_policy"])
        changed = services.set_update_policy(installation=installation, policy=policy, by=self.member)
        return self.answer(changed, InstallationPageOut)


class DifferenceView(WorkspaceView):
    refuses: ClassVar[tuple[int, ...]] = (409,)

    @extend_schema(operation_id="installation_difference", parameters=[TO], responses=UpdateDifferenceOut)
    def get(self, request: Request, installation_id: UUID) -> Response:
        """What another version would change here, permissions first."""
        wanted = self.filters({"to"}).get("to", "")
        installation = access.get_installation(installation_id)
        return Response(UpdateDifferenceOut(differing.to_version(installation, wanted, by=self.member)).data)


class VerifyView(WorkspaceView):
    @extend_schema(operation_id="verify_installation", responses=VerdictOut)
    def get(self, request: Request, installation_id: UUID) -> Response:
        """Compute the lock and the digests of the copies anew, and say what differs."""
        self.filters(set())
        return Response(VerdictOut(verify(access.get_installation(installation_id))).data)
