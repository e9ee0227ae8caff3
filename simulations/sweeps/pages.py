"""Pages of sweeps: draft one and see what it takes, watch it, read what came out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from simulations.access import get_scenario
from simulations.library import definition_of
from simulations.models import Scenario
from simulations.sweeps import queries, services
from simulations.sweeps.access import get_sweep
from simulations.sweeps.drafting import draft
from simulations.sweeps.drawing import HEIGHT, WIDTH, heat_maps, line_chart
from simulations.sweeps.forms import SweepForm
from simulations.sweeps.models import Sweep
from simulations.sweeps.naming import labels_of, renamed
from simulations.sweeps.tables import table_of
from tenants.access import Role
from tenants.errors import Invalid, WrongState
from tenants.pages import WorkspacePage

PER_PAGE = 30
MOST_SQUARES = 600


class SweepsPage(WorkspacePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        page = max(1, int(given)) if (given := request.GET.get("page", "1")).isdigit() and len(given) < 6 else 1
        start = (page - 1) * PER_PAGE
        found = list(queries.sweeps()[start : start + PER_PAGE + 1])
        return self.render(
            "simulations/sweeps/sweeps.html", sweeps=found[:PER_PAGE], page=page, has_more=len(found) > PER_PAGE
        )


class NewSweepPage(WorkspacePage):
    """Draft a sweep; what it takes is shown before it can be begun."""

    def get(self, request: HttpRequest, scenario_id: UUID) -> HttpResponse:
        scenario = get_scenario(self.member, scenario_id)
        return self._show(scenario, SweepForm(scenario, definition_of(scenario)))

    def post(self, request: HttpRequest, scenario_id: UUID) -> HttpResponse:
        scenario = get_scenario(self.member, scenario_id)
        form = SweepForm(scenario, definition_of(scenario), request.POST)
        if not form.is_valid():
            return self._show(scenario, form, status=422)
        try:
            if "start" in request.POST:
                sweep = services.create_sweep(scenario=scenario, new=form.new(), start=True, by=self.member)
                return redirect("sweeps:sweep", sweep.pk)
            drafted = draft(scenario=scenario, new=form.new())
        except Invalid as refusal:
            form.show_refusal(refusal)
            return self._show(scenario, form, status=422)
        return self._show(scenario, form, draft=drafted, estimate=drafted.estimate)

    def _show(self, scenario: Scenario, form: SweepForm, *, status: int = 200, **more: Any) -> HttpResponse:
        may_build = self.member.may(Role.OPERATOR)
        return self.render(
            "simulations/sweeps/new.html", status=status, scenario=scenario, form=form, may_build=may_build, **more
        )


class SweepPage(WorkspacePage):
    """How far it is, and what came out so far of the metric `?metric=`."""

    def get(self, request: HttpRequest, sweep_id: UUID) -> HttpResponse:
        sweep = get_sweep(self.member, sweep_id)
        return self.render("simulations/sweeps/sweep.html", **_shown(sweep, request, self.member.may(Role.OPERATOR)))


class CsvPage(WorkspacePage):
    """A line for every run."""

    def get(self, request: HttpRequest, sweep_id: UUID) -> HttpResponse:
        return table_of(get_sweep(self.member, sweep_id))


class ProgressFragment(WorkspacePage):
    """What changes while it runs, for a page that is open."""

    def get(self, request: HttpRequest, sweep_id: UUID) -> HttpResponse:
        sweep = get_sweep(self.member, sweep_id)
        shown = _shown(sweep, request, self.member.may(Role.OPERATOR))
        return self.render("simulations/sweeps/_progress.html", **shown)


def _shown(sweep: Sweep, request: HttpRequest, may_build: bool) -> dict[str, Any]:  # noqa: FBT001 - a template's flag
    names = queries.metrics_of(sweep)
    wanted = request.GET.get("metric", "")
    metric = wanted if wanted in names else next(iter(names), "")
    labels = labels_of(sweep)
    cells = renamed(queries.results(sweep), labels.parameters)
    axes = [labels.parameters[axis] for axis in sweep.axes]
    return {
        "sweep": sweep,
        "axes": axes,
        "may_build": may_build,
        "metrics": [(name, labels.metrics.get(name, name)) for name in names],
        "metric": metric,
        "metric_label": labels.metrics.get(metric, metric),
        "table": [(cell, cell.figure(metric)) for cell in cells],
        "heats": heat_maps(cells, axes, metric),
        "line": line_chart(cells, axes, metric),
        "width": WIDTH,
        "height": HEIGHT,
        "squares": list(sweep.points.values_list("status", flat=True)[:MOST_SQUARES]),
        "counts": queries.counts(sweep),
        "failures": sweep.points.filter(status="failed").select_related("simulation")[:10],
    }


class ControlPage(WorkspacePage):
    """One control of a sweep; a subclass names the service."""

    control: ClassVar[Callable[..., Sweep]]

    def post(self, request: HttpRequest, sweep_id: UUID) -> HttpResponse:
        sweep = get_sweep(self.member, sweep_id)
        try:
            type(self).control(sweep=sweep, by=self.member)
        except WrongState as refusal:
            messages.error(request, refusal.detail)
        return redirect("sweeps:sweep", sweep.pk)


class PausePage(ControlPage):
    control = staticmethod(services.pause_sweep)


class ResumePage(ControlPage):
    control = staticmethod(services.resume_sweep)


class CancelPage(ControlPage):
    control = staticmethod(services.cancel_sweep)


class RetryPage(ControlPage):
    control = staticmethod(services.retry_sweep)


class DeletePage(WorkspacePage):
    def post(self, request: HttpRequest, sweep_id: UUID) -> HttpResponse:
        services.delete_sweep(sweep=get_sweep(self.member, sweep_id), by=self.member)
        return redirect("sweeps:list")
