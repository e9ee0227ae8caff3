"""Links to runs for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from projects.access import get_run
from projects.sharing import access, services
from projects.sharing.serializers import FreshLinkOut, LinkIn, LinkOut
from tenants.addresses import absolute_url, public_reverse
from tenants.api import WorkspaceView


class LinksView(WorkspaceView):
    """Links with which anybody may read this run."""

    shown_once = ("url",)

    @extend_schema(operation_id="runs_links_list", responses=LinkOut(many=True))
    def get(self, request: Request, run_id: UUID) -> Response:
        self.filters(())
        return self.page(get_run(self.member, run_id).share_links.all(), LinkOut)

    @extend_schema(operation_id="runs_links_create", request=LinkIn, responses={201: FreshLinkOut})
    def post(self, request: Request, run_id: UUID) -> Response:
        """The address is in this answer and nowhere else."""
        made = services.share_run(run=get_run(self.member, run_id), by=self.member, **self.read(LinkIn))
        home = f"{request.scheme}://{request.get_host()}"
        url = absolute_url(public_reverse("shared:run", made.token), home=home)
        return Response(FreshLinkOut(made.row, context={"url": url}).data, status=201)


class LinkView(WorkspaceView):
    @extend_schema(operation_id="runs_links_revoke", responses={204: None})
    def delete(self, request: Request, run_id: UUID, link_id: UUID) -> Response:
        link = access.get_link(self.member, get_run(self.member, run_id), link_id)
        services.revoke_link(link=link, by=self.member)
        return Response(status=204)
