"""Another version, an earlier one, none, and back again."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.installs import access, services
from marketplace.installs.api.policies import ApprovalOut
from marketplace.installs.api.shapes import InstallationOut, InstallationPageOut, RollBackIn, UpdateIn, wish_of
from marketplace.installs.finding import find_version
from marketplace.installs.models import Approval, Installation
from tenants.api.schema import MATCH
from tenants.api.views import WorkspaceView


class MovingView(WorkspaceView):
    """What changes an installation as a whole honours If-Match."""

    refuses: ClassVar[tuple[int, ...]] = (412,)

    def seen(self, installation_id: UUID) -> Installation:
        """The installation as the caller has seen it."""
        with transaction.atomic():
            return self.check_match(access.get_installation(installation_id), InstallationPageOut)


class UpdateView(MovingView):
    @extend_schema(
        operation_id="update_installation",
        request=UpdateIn,
        parameters=[MATCH],
        responses={200: InstallationPageOut, 202: ApprovalOut},
    )
    def post(self, request: Request, installation_id: UUID) -> Response:
        """Replace the present version. `grants` must name whatever the other one may do more, as in `difference/`."""
        wanted, installation = self.read(UpdateIn), self.seen(installation_id)
        version = find_version(str(installation.listing_id), wanted["version"], by=self.member)
        made = services.request_update(
            installation=installation,
            version=version,
            by=self.member,
            wish=wish_of(wanted),
            expected=installation.number,
        )
        if isinstance(made, Approval):
            return self.answer(made, ApprovalOut, status=202)
        return self.answer(made, InstallationPageOut)


class RollBackView(MovingView):
    @extend_schema(
        operation_id="roll_back_installation", request=RollBackIn, parameters=[MATCH], responses=InstallationPageOut
    )
    def post(self, request: Request, installation_id: UUID) -> Response:
        """Make it again what an earlier pin says, to the letter."""
        wanted, installation = self.read(RollBackIn), self.seen(installation_id)
        made = services.roll_back(
            installation=installation,
            number=wanted["number"],
            by=self.member,
            wish=wish_of(wanted),
            expected=installation.number,
        )
        return self.answer(made, InstallationPageOut)


class RemoveView(WorkspaceView):
    @extend_schema(operation_id="remove_installation", request=None, responses=InstallationOut)
    def post(self, request: Request, installation_id: UUID) -> Response:
        """Put an installation away with what it made here. Finished runs stay; until `undo_until` it can be restored."""
        installation = services.remove_installation(
            installation=access.get_installation(installation_id), by=self.member
        )
        return self.answer(installation, InstallationOut)


class RestoreView(WorkspaceView):
    @extend_schema(operation_id="restore_installation", request=None, responses=InstallationPageOut)
    def post(self, request: Request, installation_id: UUID) -> Response:
        """Undo a removal of today: everything comes back under its own id."""
        installation = services.restore_installation(
            installation=access.get_installation(installation_id), by=self.member
        )
        return self.answer(installation, InstallationPageOut)
