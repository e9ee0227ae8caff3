"""Links to plays for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from simulations.access import get_simulation
from simulations.sharing import access, services
from simulations.sharing.serializers import FreshSimulationLinkOut, SimulationLinkIn, SimulationLinkOut
from tenants.addresses import absolute_url, public_reverse
from tenants.api import WorkspaceView


class SharesView(WorkspaceView):
    """Links with which anybody may look at this play."""

    shown_once = ("url",)

    @extend_schema(operation_id="simulations_share_list", responses=SimulationLinkOut(many=True))
    def get(self, request: Request, simulation_id: UUID) -> Response:
        self.filters(())
        return self.page(get_simulation(self.member, simulation_id).links.all(), SimulationLinkOut)

    @extend_schema(operation_id="simulations_share", request=SimulationLinkIn, responses={201: FreshSimulationLinkOut})
    def post(self, request: Request, simulation_id: UUID) -> Response:
        """The address is in this answer and nowhere else."""
        simulation = get_simulation(self.member, simulation_id)
        made = services.share_simulation(simulation=simulation, by=self.member, **self.read(SimulationLinkIn))
        home = f"{request.scheme}://{request.get_host()}"
        url = absolute_url(public_reverse("shared-simulations:simulation", made.token), home=home)
        return Response(FreshSimulationLinkOut(made.row, context={"url": url}).data, status=201)


class ShareView(WorkspaceView):
    @extend_schema(operation_id="simulations_unshare", responses={204: None})
    def delete(self, request: Request, simulation_id: UUID, link_id: UUID) -> Response:
        link = access.get_link(get_simulation(self.member, simulation_id), link_id)
        services.revoke_link(link=link, by=self.member)
        return Response(status=204)
