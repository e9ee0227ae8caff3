"""Sweeps for programs: ask what one would take, begin it, watch over it, read what came out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, cast
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from simulations.access import get_scenario
from simulations.api.data import CsvRenderer
from simulations.api.filters import choice_of, number_of
from simulations.sweeps import queries, services
from simulations.sweeps.access import get_sweep
from simulations.sweeps.drafting import NewSweep, draft
from simulations.sweeps.models import Point, Sweep
from simulations.sweeps.serializers import (
    SweepDraftIn,
    SweepEstimateOut,
    SweepIn,
    SweepOut,
    SweepPointOut,
    SweepResultsOut,
)
from simulations.sweeps.tables import table_of
from tenants.access import require_builder
from tenants.api import WorkspaceView

_METHODS = ["t", "bootstrap"]


class SweepsView(WorkspaceView):
    @extend_schema(
        operation_id="sweeps_list",
        responses=SweepOut(many=True),
        parameters=[OpenApiParameter("status", str, enum=Sweep.Status.values)],
    )
    def get(self, request: Request) -> Response:
        given = self.filters({"status"})
        found = Sweep.objects.all()
        if "status" in given:
            found = found.filter(status=choice_of("status", given["status"], Sweep.Status.values))
        return self.page(found, SweepOut)

    @extend_schema(operation_id="sweeps_create", request=SweepIn, responses={201: SweepOut})
    def post(self, request: Request) -> Response:
        """Store a sweep with its estimate; it begins with `start`, or with `resume/`."""
        given = self.read(SweepIn)
        scenario, start = get_scenario(self.member, given.pop("scenario")), given.pop("start")
        sweep = services.create_sweep(scenario=scenario, new=_new(given), start=start, by=self.member)
        return self.answer(sweep, SweepOut, 201)


class EstimateView(WorkspaceView):
    @extend_schema(operation_id="sweeps_estimate", request=SweepDraftIn, responses=SweepEstimateOut)
    def post(self, request: Request) -> Response:
        """How many runs, agent-steps, model calls and dollars; nothing is stored."""
        require_builder(self.member)
        given = self.read(SweepDraftIn)
        scenario = get_scenario(self.member, given.pop("scenario"))
        return self.answer(draft(scenario=scenario, new=_new(given)).estimate, SweepEstimateOut)


class SweepView(WorkspaceView):
    @extend_schema(operation_id="sweeps_read", responses=SweepOut)
    def get(self, request: Request, sweep_id: UUID) -> Response:
        return self.answer(get_sweep(self.member, sweep_id), SweepOut)

    @extend_schema(operation_id="sweeps_delete", responses={204: None})
    def delete(self, request: Request, sweep_id: UUID) -> Response:
        """Its simulations stay."""
        sweep = self.check_match(get_sweep(self.member, sweep_id), SweepOut)
        services.delete_sweep(sweep=sweep, by=self.member)
        return Response(status=204)


class ControlView(WorkspaceView):
    """One control of a sweep; a subclass names the service."""

    control: ClassVar[Callable[..., Sweep]]

    def post(self, request: Request, sweep_id: UUID) -> Response:
        sweep = get_sweep(self.member, sweep_id)
        return self.answer(type(self).control(sweep=sweep, by=self.member), SweepOut, 202)


@extend_schema_view(post=extend_schema(operation_id="sweeps_pause", request=None, responses={202: SweepOut}))
class PauseView(ControlView):
    control = staticmethod(services.pause_sweep)


@extend_schema_view(post=extend_schema(operation_id="sweeps_resume", request=None, responses={202: SweepOut}))
class ResumeView(ControlView):
    control = staticmethod(services.resume_sweep)


@extend_schema_view(post=extend_schema(operation_id="sweeps_cancel", request=None, responses={202: SweepOut}))
class CancelView(ControlView):
    control = staticmethod(services.cancel_sweep)


@extend_schema_view(post=extend_schema(operation_id="sweeps_retry", request=None, responses={202: SweepOut}))
class RetryView(ControlView):
    control = staticmethod(services.retry_sweep)


class PointsView(WorkspaceView):
    @extend_schema(
        operation_id="sweeps_points",
        responses=SweepPointOut(many=True),
        parameters=[
            OpenApiParameter("status", str, enum=Point.Status.values),
            OpenApiParameter("cell", int, description="Only the runs of this cell."),
        ],
    )
    def get(self, request: Request, sweep_id: UUID) -> Response:
        given = self.filters({"status", "cell"})
        found = get_sweep(self.member, sweep_id).points.select_related("cell")
        if "status" in given:
            found = found.filter(status=choice_of("status", given["status"], Point.Status.values))
        if "cell" in given:
            found = found.filter(cell__number=number_of("cell", given["cell"]))
        return self.page(found, SweepPointOut)


class ResultsView(WorkspaceView):
    @extend_schema(
        operation_id="sweeps_results",
        responses=SweepResultsOut,
        parameters=[
            OpenApiParameter("interval", str, enum=_METHODS, description="How the 95 % intervals are made; default t.")
        ],
    )
    def get(self, request: Request, sweep_id: UUID) -> Response:
        """Mean and 95 % interval of every metric in every cell, as far as its runs are done."""
        given = self.filters({"interval"})
        method = cast("queries.Method", choice_of("interval", given.get("interval", "t"), _METHODS))
        sweep = get_sweep(self.member, sweep_id)
        told = {"interval": method, "axes": sweep.axes, "cells": queries.results(sweep, method)}
        return Response(SweepResultsOut(told).data)


class ResultsCsvView(WorkspaceView):
    renderer_classes = (JSONRenderer, CsvRenderer)

    @extend_schema(operation_id="sweeps_results_csv", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, sweep_id: UUID) -> HttpResponseBase:
        """A line for every run."""
        self.filters(())
        sweep = get_sweep(self.member, sweep_id)
        return table_of(sweep)


def _new(given: dict[str, Any]) -> NewSweep:
    return NewSweep(**{name: value for name, value in given.items() if value is not None})
