"""Starting runs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents import access, services
from agents.serializers import RunIn
from projects.access import get_project
from projects.api import RunsView
from projects.serializers import RunOut
from tenants.errors import FieldError, Invalid


class StartRunsView(RunsView):
    """The list of runs, and starting one."""

    @extend_schema(operation_id="runs_start", request=RunIn, responses={202: RunOut})
    def post(self, request: Request) -> Response:
        wish = self.read(RunIn)
        crew_id, agent_id = wish.get("crew"), wish.get("agent")
        project = get_project(self.member, wish["project"]) if wish.get("project") else None
        common: dict[str, Any] = {
            "inputs": wish.get("inputs", {}),
            "project": project,
            "seconds_allowed": wish.get("seconds_allowed"),
            "priority": wish.get("priority"),
            "limits": wish.get("budget"),
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
