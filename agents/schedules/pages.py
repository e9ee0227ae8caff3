"""Pages about schedules."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from agents.access import get_crew
from agents.definitions import spec_of
from agents.forms import PREFIX, InputsForm
from agents.models import Crew
from agents.queries import whole_crew
from agents.schedules import access, services
from agents.schedules.forms import TimesForm
from agents.schedules.models import Schedule
from agents.services import why_attended
from tenants.access import Role
from tenants.errors import Conflict, Invalid
from tenants.pages import WorkspacePage


class SchedulesPage(WorkspacePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        found = Schedule.objects.select_related("crew").order_by("-is_enabled", "next_at", "name")
        return self.render("agents/schedules.html", schedules=found, may_build=self.member.may(Role.OPERATOR))


class NewSchedulePage(WorkspacePage):
    """When one crew shall run, with which inputs."""

    def get(self, request: HttpRequest, crew_id: UUID) -> HttpResponse:
        crew = whole_crew(get_crew(self.member, crew_id))
        return self._answer(crew, TimesForm(), InputsForm(spec_of(crew).inputs))

    def post(self, request: HttpRequest, crew_id: UUID) -> HttpResponse:
        crew = whole_crew(get_crew(self.member, crew_id))
        times, inputs = TimesForm(request.POST), InputsForm(spec_of(crew).inputs, request.POST)
        if times.is_valid() and inputs.is_valid():
            fields = {**times.cleaned_data, "inputs": inputs.values()}
            try:
                services.create_schedule(crew=crew, fields=fields, project=None, by=self.member)
            except (Invalid, Conflict) as refusal:
                _show(times, inputs, refusal)
            else:
                messages.success(request, f"“{crew.name}” runs by itself from now on.")
                return redirect("schedules:list")
        return self._answer(crew, times, inputs, status=422)

    def _answer(self, crew: Crew, times: TimesForm, inputs: InputsForm, *, status: int = 200) -> HttpResponse:
        return self.render(
            "agents/new_schedule.html",
            status=status,
            crew=crew,
            form=times,
            inputs=inputs,
            barred=why_attended(crew),
            may_build=self.member.may(Role.OPERATOR),
        )


class SwitchSchedulePage(WorkspacePage):
    """Switch a schedule off, or on again; who does answers for its runs from then on."""

    def post(self, request: HttpRequest, schedule_id: UUID) -> HttpResponse:
        schedule = access.get_schedule(self.member, schedule_id)
        changes = {"is_enabled": not schedule.is_enabled}
        services.update_schedule(schedule=schedule, changes=changes, by=self.member)
        return redirect("schedules:list")


class DeleteSchedulePage(WorkspacePage):
    def post(self, request: HttpRequest, schedule_id: UUID) -> HttpResponse:
        schedule = access.get_schedule(self.member, schedule_id)
        services.delete_schedule(schedule=schedule, by=self.member)
        messages.success(request, f"“{schedule.name}” starts nothing any more. Its runs stay.")
        return redirect("schedules:list")


def _show(times: TimesForm, inputs: InputsForm, refusal: Invalid | Conflict) -> None:
    """Put each refusal at the field that it is about."""
    placed = False
    for error in refusal.errors:
        name = f"{PREFIX}{error.field.removeprefix('inputs.')}"
        if error.field in times.fields:
            times.add_error(error.field, error.detail)
            placed = True
        elif name in inputs.fields:
            inputs.add_error(name, error.detail)
            placed = True
    if not placed:
        times.add_error(None, refusal.detail)
