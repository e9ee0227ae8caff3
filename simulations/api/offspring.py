"""What comes after a play: a replay of its record, a branch off it, two plays side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from simulations import services
from simulations.access import get_simulation
from simulations.api.filters import uuid_of
from simulations.interventions.serializers import INJECTED
from simulations.models import Simulation
from simulations.reading.comparing import beside
from simulations.serializers import ParametersField, PlayBudgetIn, PolicyField, SimulationOut, steps_field
from simulations.services.offspring import MOST_PROMPT
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid


class ActIn(serializers.Serializer[Any]):
    """Something done at the branch's first step of its own."""

    kind = serializers.ChoiceField(choices=INJECTED)
    target = serializers.CharField(max_length=120)
    value = serializers.JSONField()


class OverridesIn(serializers.Serializer[Any]):
    """What is different from that step on. `prompts` by the name of the policy."""

    parameters = ParametersField(required=False)
    policy = PolicyField(required=False)
    model = serializers.CharField(max_length=200, required=False, allow_blank=True)
    prompts = serializers.DictField(child=serializers.CharField(max_length=MOST_PROMPT), required=False)
    budget = PlayBudgetIn(required=False)
    act = ActIn(required=False)
    steps = steps_field(required=False)


class PlayBranchIn(serializers.Serializer[Simulation]):
    step = serializers.IntegerField(min_value=0, max_value=services.MOST_STEPS)
    overrides = OverridesIn(required=False)
    title = serializers.CharField(max_length=160, required=False)
    start = serializers.BooleanField(default=True)


class ReplayIn(serializers.Serializer[Simulation]):
    start = serializers.BooleanField(default=True)


class ReplayView(WorkspaceView):
    @extend_schema(operation_id="simulations_replay", request=ReplayIn, responses={202: SimulationOut})
    def post(self, request: Request, simulation_id: UUID) -> Response:
        """Go through the record of this play again and compare every step; nobody is asked anything."""
        simulation = get_simulation(self.member, simulation_id)
        made = services.replay_simulation(simulation=simulation, by=self.member, **self.read(ReplayIn))
        return self.answer(made, SimulationOut, 202)


class BranchView(WorkspaceView):
    @extend_schema(operation_id="simulations_branch", request=PlayBranchIn, responses={202: SimulationOut})
    def post(self, request: Request, simulation_id: UUID) -> Response:
        """Share the first steps with this play, then go another way on the same random numbers."""
        simulation = get_simulation(self.member, simulation_id)
        given = self.read(PlayBranchIn)
        start = given.pop("start")
        branch = services.Branch(step=given["step"], title=given.get("title", ""), **given.get("overrides", {}))
        made = services.branch_simulation(simulation=simulation, branch=branch, start=start, by=self.member)
        return self.answer(made, SimulationOut, 202)


class MetricPairOut(serializers.Serializer[Any]):
    """`mine` and `theirs` by step; null where one of the plays has no such step or no such metric."""

    name = serializers.CharField()
    mine = serializers.ListField(child=serializers.FloatField(allow_null=True))
    theirs = serializers.ListField(child=serializers.FloatField(allow_null=True))


class CompareOut(serializers.Serializer[Any]):
    """`steps` are those of the lists, at most 1,000 of them, evenly spread. `apart_from` is the first whose digests differ."""

    mine = serializers.UUIDField()
    theirs = serializers.UUIDField()
    steps = serializers.ListField(child=serializers.IntegerField())
    apart_from = serializers.IntegerField(allow_null=True)
    metrics = MetricPairOut(many=True)


class CompareView(WorkspaceView):
    @extend_schema(
        operation_id="simulations_compare",
        responses=CompareOut,
        parameters=[OpenApiParameter("with", OpenApiTypes.UUID, required=True)],
    )
    def get(self, request: Request, simulation_id: UUID) -> Response:
        """The metrics of two plays side by side."""
        given = self.filters({"with"})
        if "with" not in given:
            raise Invalid(
                "Say which play to compare with.", errors=[FieldError("with", "required", "The id of a play.")]
            )
        mine = get_simulation(self.member, simulation_id)
        theirs = get_simulation(self.member, uuid_of("with", given["with"]))
        return Response(CompareOut(beside(mine, theirs)).data)
