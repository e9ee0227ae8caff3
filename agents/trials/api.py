"""Tests of a crew for programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents.access import get_crew
from agents.trials import access, queries, services
from agents.trials.serializers import BatchOut, KeepIn, KeptOut, TrialLineOut, TrialOut, TryIn
from projects.access import get_run
from projects.models import Trial
from tenants.api import WorkspaceView
from tenants.api.filters import check_uuid


class KeepRunView(WorkspaceView):
    """Keep a finished run as a test of its crew."""

    @extend_schema(operation_id="runs_keep", request=KeepIn, responses={201: KeptOut})
    def post(self, request: Request, run_id: UUID) -> Response:
        run = get_run(self.member, run_id)
        return self.answer(services.keep_run(run=run, name=self.read(KeepIn)["name"], by=self.member), KeptOut, 201)


class TestsView(WorkspaceView):
    """The tests of a crew."""

    @extend_schema(operation_id="crew_tests_list", responses=KeptOut(many=True))
    def get(self, request: Request, crew_id: UUID) -> Response:
        self.filters(())
        return self.page(queries.kept_of(get_crew(self.member, crew_id)), KeptOut)


class TestView(WorkspaceView):
    @extend_schema(operation_id="crew_tests_remove", responses={204: None})
    def delete(self, request: Request, crew_id: UUID, test_id: UUID) -> Response:
        kept = access.get_kept(self.member, get_crew(self.member, crew_id), test_id)
        services.drop_kept(kept=kept, by=self.member)
        return Response(status=204)


class TryCrewView(WorkspaceView):
    """Try the crew as it is now against its tests, for nothing with the recorded answers, or live by asking the models again."""

    @extend_schema(operation_id="crew_tests_run", request=TryIn, responses={202: BatchOut})
    def post(self, request: Request, crew_id: UUID) -> Response:
        crew, given = get_crew(self.member, crew_id), self.read(TryIn)
        mode = Trial.Mode(given["mode"])
        trials = services.try_crew(crew=crew, mode=mode, only=given["tests"], by=self.member)
        return Response(BatchOut({"batch_id": trials[0].batch_id, "results": trials}).data, status=202)


class TrialsView(WorkspaceView):
    """What came out, newest first; `batch` shows what was started together."""

    @extend_schema(
        operation_id="crew_trials_list",
        responses=TrialLineOut(many=True),
        parameters=[OpenApiParameter("batch", OpenApiTypes.UUID)],
    )
    def get(self, request: Request, crew_id: UUID) -> Response:
        crew, batch = get_crew(self.member, crew_id), self.filters({"batch"}).get("batch")
        check_uuid("batch", batch)
        services.settle_all(crew)
        return self.page(queries.trials_of(crew, batch=batch), TrialLineOut)


class TrialView(WorkspaceView):
    """One trial, task by task."""

    @extend_schema(operation_id="crew_trials_read", responses=TrialOut)
    def get(self, request: Request, crew_id: UUID, trial_id: UUID) -> Response:
        trial = access.get_trial(self.member, get_crew(self.member, crew_id), trial_id)
        return self.answer(services.settle(trial), TrialOut)
