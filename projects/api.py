"""Projects and runs for programs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import orjson
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from projects import access, events, queries, services
from projects.branching import services as branching
from projects.models import Run, RunEvent
from projects.realtime import tickets
from projects.serializers import (
    EventPageOut,
    MessageOut,
    ProjectIn,
    ProjectOut,
    RunEventOut,
    RunLineOut,
    RunOut,
    TicketOut,
)
from tenants.api import WorkspaceView
from tenants.api.filters import check_uuid
from tenants.context import enter, in_tenant, release_connection
from tenants.errors import FieldError, Invalid

EVENTS_PER_PAGE = 500
STREAM_SECONDS = 300.0
LOOK_SECONDS = 0.3


class ProjectsView(WorkspaceView):
    @extend_schema(operation_id="projects_list", responses=ProjectOut(many=True))
    def get(self, request: Request) -> Response:
        self.filters(())
        return self.page(queries.projects(), ProjectOut)

    @extend_schema(operation_id="projects_create", request=ProjectIn, responses={201: ProjectOut})
    def post(self, request: Request) -> Response:
        return self.answer(services.create_project(**self.read(ProjectIn), by=self.member), ProjectOut, 201)


class ProjectView(WorkspaceView):
    @extend_schema(operation_id="projects_read", responses=ProjectOut)
    def get(self, request: Request, project_id: UUID) -> Response:
        return self.answer(access.get_project(self.member, project_id), ProjectOut)

    @extend_schema(operation_id="projects_update", request=ProjectIn, responses=ProjectOut)
    def patch(self, request: Request, project_id: UUID) -> Response:
        project = self.check_match(access.get_project(self.member, project_id), ProjectOut)
        return self.answer(
            services.update_project(project=project, **self.read(ProjectIn, partial=True), by=self.member), ProjectOut
        )

    @extend_schema(operation_id="projects_delete", responses={204: None})
    def delete(self, request: Request, project_id: UUID) -> Response:
        project = self.check_match(access.get_project(self.member, project_id), ProjectOut)
        services.delete_project(project=project, by=self.member)
        return Response(status=204)


class RunsView(WorkspaceView):
    """The list; starting a run needs to know crews, so that is added one room higher."""

    @extend_schema(
        operation_id="runs_list",
        responses=RunLineOut(many=True),
        parameters=[
            OpenApiParameter("status", str, enum=Run.Status.values),
            OpenApiParameter("kind", str, enum=Run.Kind.values),
            OpenApiParameter("project", OpenApiTypes.UUID),
        ],
    )
    def get(self, request: Request) -> Response:
        given = self.filters({"status", "kind", "project"})
        _check_choice("status", given.get("status"), Run.Status.values)
        _check_choice("kind", given.get("kind"), Run.Kind.values)
        check_uuid("project", given.get("project"))
        return self.page(queries.runs(**given), RunLineOut)


class RunView(WorkspaceView):
    @extend_schema(operation_id="runs_read", responses=RunOut)
    def get(self, request: Request, run_id: UUID) -> Response:
        return self.answer(access.get_run(self.member, run_id), RunOut)

    @extend_schema(operation_id="runs_delete", responses={204: None})
    def delete(self, request: Request, run_id: UUID) -> Response:
        services.delete_run(run=access.get_run(self.member, run_id), by=self.member)
        return Response(status=204)


class CancelRunView(WorkspaceView):
    @extend_schema(operation_id="runs_cancel", request=None, responses={202: RunOut})
    def post(self, request: Request, run_id: UUID) -> Response:
        return self.answer(services.cancel_run(run=access.get_run(self.member, run_id), by=self.member), RunOut, 202)


class RetryRunView(WorkspaceView):
    @extend_schema(operation_id="runs_retry", request=None, responses={202: RunOut})
    def post(self, request: Request, run_id: UUID) -> Response:
        return self.answer(branching.retry_run(run=access.get_run(self.member, run_id), by=self.member), RunOut, 202)


class ResumeRunView(WorkspaceView):
    @extend_schema(operation_id="runs_resume", request=None, responses={202: RunOut})
    def post(self, request: Request, run_id: UUID) -> Response:
        return self.answer(branching.resume_run(run=access.get_run(self.member, run_id), by=self.member), RunOut, 202)


class EventStreamRenderer(BaseRenderer):
    """Lets content negotiation choose `text/event-stream`; the view streams by itself."""

    media_type = "text/event-stream"
    format = "event-stream"

    def render(self, data: object, *_: object, **__: object) -> bytes:
        return orjson.dumps(data, default=str)


class RunEventsView(WorkspaceView):
    renderer_classes = (JSONRenderer, EventStreamRenderer)

    @extend_schema(
        operation_id="runs_events",
        responses=EventPageOut,
        parameters=[OpenApiParameter("after", int, description="The last seq you have.")],
    )
    def get(self, request: Request, run_id: UUID) -> HttpResponseBase:
        run = access.get_run(self.member, run_id)
        after = _whole_number(
            "after", request.headers.get("Last-Event-ID") or self.filters({"after"}).get("after", "0")
        )
        if request.accepted_media_type == EventStreamRenderer.media_type:
            looks = _looks(self.member.schema, run, after)
            live = isinstance(request._request, ASGIRequest)
            pieces = _live_stream(self.member.schema, looks) if live else _stream(looks)
            return StreamingHttpResponse(pieces, content_type="text/event-stream")
        found = queries.events_after(run, after, EVENTS_PER_PAGE)
        shown = RunEventOut(found, many=True)  # type: ignore[arg-type]
        return Response({"results": shown.data, "last_seq": run.last_seq})


def _looks(schema: str, run: Run, after: int) -> Iterator[bytes]:
    """Each step looks once for new events, and gives them as server-sent events; none are no bytes. It ends with the run."""
    end = time.monotonic() + STREAM_SECONDS
    while time.monotonic() < end:
        with enter(schema):
            has_ended = Run.objects.only("status").get(pk=run.pk).has_ended
            found = queries.events_after(run, after, EVENTS_PER_PAGE)
            release_connection()
        after = found[-1].seq if found else after
        yield b"".join(_sent(event) for event in found)
        if has_ended and not found:
            return


def _sent(event: RunEvent) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        event.seq,
        event.type.encode(),
        orjson.dumps(events.message_of(event)),
    )


def _stream(looks: Iterator[bytes]) -> Iterator[bytes]:
    """Until the run has ended, at most five minutes; the client comes back with Last-Event-ID."""
    for piece in looks:
        if piece:
            yield piece
        else:
            time.sleep(LOOK_SECONDS)


async def _live_stream(schema: str, looks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same without keeping a thread between two looks. A plain iterator would be read to its end before anything is sent."""
    while (piece := await in_tenant(schema, next, looks, None)) is not None:
        if piece:
            yield piece
        else:
            await asyncio.sleep(LOOK_SECONDS)


class RunMessagesView(WorkspaceView):
    @extend_schema(operation_id="runs_messages", responses=MessageOut(many=True))
    def get(self, request: Request, run_id: UUID) -> Response:
        self.filters(())
        return self.page(queries.messages_of(access.get_run(self.member, run_id)), MessageOut)


class TicketView(WorkspaceView):
    """A ticket that opens one WebSocket within a minute: `/ws/?ticket=…`."""

    @extend_schema(operation_id="socket_ticket", request=None, responses={201: TicketOut})
    def post(self, request: Request) -> Response:
        return Response({"ticket": tickets.issue(self.member), "expires_in": tickets.SECONDS}, status=201)


def _check_choice(name: str, value: str | None, known: list[str]) -> None:
    if value is not None and value not in known:
        detail = f"One of {', '.join(known)}."
        raise Invalid(detail, errors=[FieldError(name, "choice", detail)])


def _whole_number(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        detail = "A whole number from 0."
        raise Invalid(detail, errors=[FieldError(name, "number", detail)])
    return int(value)
