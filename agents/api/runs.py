"""Starting runs, and what they are shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from agents import access, services
from agents.pictures.answering import as_picture
from agents.pictures.formats import MEDIA_TYPES
from agents.pictures.keeping import picture_of
from agents.pictures.taking import take_pictures
from agents.serializers import RunFormIn, RunIn
from projects.access import get_project, get_run
from projects.api import RunsView
from projects.serializers import RunOut
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid
from tenants.wire.parsing import StrictJSONParser


class StartRunsView(RunsView):
    """The list of runs, and starting one: as JSON, or as a form with pictures that it is shown."""

    parser_classes = (StrictJSONParser, MultiPartParser)

    @extend_schema(
        operation_id="runs_start",
        request={"application/json": RunIn, "multipart/form-data": RunFormIn},
        responses={202: RunOut},
    )
    def post(self, request: Request) -> Response:
        is_form = request.content_type.startswith("multipart/")
        wish = self.read(RunFormIn if is_form else RunIn)
        crew_id, agent_id = wish.get("crew"), wish.get("agent")
        project = get_project(self.member, wish["project"]) if wish.get("project") else None
        common: dict[str, Any] = {
            "inputs": wish.get("inputs", {}),
            "project": project,
            "seconds_allowed": wish.get("seconds_allowed"),
            "priority": wish.get("priority"),
            "limits": wish.get("budget"),
            "pictures": take_pictures(wish.get("pictures", ()), by=self.member),
            "by": self.member,
        }
        if (crew_id is None) == (agent_id is None):
            detail = "Name what shall run: either a crew or an agent."
            raise Invalid(detail, errors=[FieldError("crew", "one_of", detail)])
        if crew_id is not None:
            run = services.start_crew_run(crew=access.get_crew_to_start(self.member, crew_id), **common)
        else:
            run = services.start_agent_run(agent=access.get_agent(self.member, agent_id), **common)  # type: ignore[arg-type]
        return self.answer(run, RunOut, 202)


class RunPictureView(WorkspaceView):
    """One of the pictures that the run was shown, from 1: as it is shown, without what it told besides."""

    @extend_schema(
        operation_id="run_pictures_content",
        responses=dict.fromkeys(((200, media_type) for media_type in MEDIA_TYPES), OpenApiTypes.BINARY),
    )
    def get(self, request: Request, run_id: UUID, number: int) -> HttpResponse:
        return as_picture(picture_of(get_run(self.member, run_id), number), number)
