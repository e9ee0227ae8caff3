"""Budgets and usage for programs."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from projects.budgets import access, books, queries, services
from projects.budgets.models import Budget
from projects.budgets.serializers import (
    BudgetChange,
    BudgetIn,
    BudgetOut,
    BudgetStandingOut,
    UsageReportOut,
)
from tenants.api import WorkspaceView
from tenants.errors import FieldError, Invalid
from tenants.wire import tables
from tenants.wire.rendering import Renderer
from tenants.wire.tables import CsvRenderer

DEFAULT_DAYS = 30


class BudgetsView(WorkspaceView):
    """What may be spent, and what of it is."""

    @extend_schema(operation_id="budgets_list", responses=BudgetStandingOut(many=True))
    def get(self, request: Request) -> Response:
        self.filters(())
        return self.page(queries.budgets(), BudgetStandingOut)

    @extend_schema(operation_id="budgets_create", request=BudgetIn, responses={201: BudgetStandingOut})
    def post(self, request: Request) -> Response:
        given = self.read(BudgetIn)
        if (given["scope"] == Budget.Scope.WORKSPACE) == (given.get("scope_id") is not None):
            detail = "Name the project, crew, agent or run in scope_id; a workspace's budget has none."
            raise Invalid(detail, errors=[FieldError("scope_id", "scope", detail)])
        return _answer(self, services.create_budget(**{"scope_id": None, **given}, by=self.member), 201)


class BudgetView(WorkspaceView):
    @extend_schema(operation_id="budgets_read", responses=BudgetStandingOut)
    def get(self, request: Request, budget_id: UUID) -> Response:
        return _answer(self, access.get_budget(self.member, budget_id))

    @extend_schema(operation_id="budgets_update", request=BudgetChange, responses=BudgetStandingOut)
    def patch(self, request: Request, budget_id: UUID) -> Response:
        budget = self.check_match(access.get_budget(self.member, budget_id), BudgetOut)
        changes = self.read(BudgetChange, partial=True)
        return _answer(self, services.update_budget(budget=budget, changes=changes, by=self.member))

    @extend_schema(operation_id="budgets_delete", responses={204: None})
    def delete(self, request: Request, budget_id: UUID) -> Response:
        budget = self.check_match(access.get_budget(self.member, budget_id), BudgetOut)
        services.delete_budget(budget=budget, by=self.member)
        return Response(status=204)


def _answer(view: WorkspaceView, budget: Budget, status: int = 200) -> Response:
    """With where it stands; the ETag is of the budget alone, so that a run in between makes nobody's change stale."""
    answer = view.answer(budget, BudgetStandingOut, status)
    answer["ETag"] = view.answer(budget, BudgetOut)["ETag"]
    return answer


class UsageView(WorkspaceView):
    """What models were asked for, by day, crew, agent, model or project; as a table with `Accept: text/csv`."""

    renderer_classes = (Renderer, CsvRenderer)

    @extend_schema(
        operation_id="usage_read",
        responses={(200, "application/json"): UsageReportOut, (200, "text/csv"): OpenApiTypes.STR},
        parameters=[
            OpenApiParameter("by", str, enum=list(queries.BY)),
            OpenApiParameter("from", OpenApiTypes.DATE, description="The first day (UTC); without it 30 days ago."),
            OpenApiParameter("to", OpenApiTypes.DATE, description="The last day; without it today."),
        ],
    )
    def get(self, request: Request) -> Response | HttpResponse:
        given = self.filters({"by", "from", "to"})
        by = given.get("by", "day")
        if by not in queries.BY:
            detail = f"One of {', '.join(queries.BY)}."
            raise Invalid(detail, errors=[FieldError("by", "choice", detail)])
        start, end = _days(given)
        report = queries.usage(by=by, start=start, end=end)
        if getattr(request, "accepted_media_type", "") == CsvRenderer.media_type:
            return csv_answer(report)
        return Response(UsageReportOut(report).data)


def csv_answer(report: queries.Usage) -> HttpResponse:
    name = f"usage-by-{report.by}-{report.start}-{report.end}.csv"
    return tables.csv_answer(name, books.Used._fields, report.lines)


def _days(given: dict[str, str]) -> tuple[date, date]:
    today = timezone.now().date()
    end = _date("to", given.get("to"), today)
    start = _date("from", given.get("from"), end - timedelta(days=DEFAULT_DAYS - 1))
    if not timedelta(0) <= end - start <= timedelta(days=queries.MOST_DAYS):
        detail = f"From the first day to the last, at most {queries.MOST_DAYS} days."
        raise Invalid(detail, errors=[FieldError("from", "range", detail)])
    return start, end


def _date(name: str, value: str | None, default: date) -> date:
    if value is None:
        return default
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = date.min
    if not 2000 <= found.year <= 9000:
        detail = "A day as in 2026-11-21."
        raise Invalid(detail, errors=[FieldError(name, "date", detail)])
    return found
