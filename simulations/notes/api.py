"""Bookmarks for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from simulations.access import get_simulation
from simulations.notes import access, services
from simulations.notes.serializers import BookmarkIn, BookmarkOut
from tenants.api import WorkspaceView


class BookmarksView(WorkspaceView):
    @extend_schema(operation_id="simulations_bookmarks_list", responses=BookmarkOut(many=True))
    def get(self, request: Request, simulation_id: UUID) -> Response:
        self.filters(())
        return self.page(get_simulation(self.member, simulation_id).bookmarks.all(), BookmarkOut)

    @extend_schema(operation_id="simulations_bookmarks_add", request=BookmarkIn, responses={201: BookmarkOut})
    def post(self, request: Request, simulation_id: UUID) -> Response:
        simulation = get_simulation(self.member, simulation_id)
        made = services.mark_step(simulation=simulation, by=self.member, **self.read(BookmarkIn))
        return self.answer(made, BookmarkOut, 201)


class BookmarkView(WorkspaceView):
    @extend_schema(operation_id="simulations_bookmarks_remove", responses={204: None})
    def delete(self, request: Request, simulation_id: UUID, bookmark_id: UUID) -> Response:
        bookmark = access.get_bookmark(get_simulation(self.member, simulation_id), bookmark_id)
        services.remove_bookmark(bookmark=bookmark, by=self.member)
        return Response(status=204)
