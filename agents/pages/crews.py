"""Pages about crews: what there is, what one does, and running it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from agents import access, queries, services
from agents.definitions import spec_of
from agents.forms import PICTURES, PREFIX, RunForm
from agents.llm.gateway import Description
from agents.models import Agent, Crew, Task
from agents.pictures.taking import take_pictures
from agents.runtimes.spec import CrewSpec
from agents.services.estimates import estimate_crew
from agents.tools.reading import available_tools
from agents.tools.registry import Tool
from projects import queries as ledger
from projects.cards import spoken
from projects.rendering import opening
from tenants.access import Role
from tenants.errors import DomainError, Invalid, TooLarge
from tenants.pages import WorkspacePage

RECENT = 5
MUCH = 20
TRUSTING = "Sends things out without asking, also after it has read what others wrote"
ASKING = "Asks you before it sends anything out, once it has read what others wrote"


@dataclass(frozen=True, slots=True)
class Doer:
    """An agent of a crew, with its tools by their titles."""

    agent: Agent
    tools: list[Tool]


class CrewsPage(WorkspacePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render(
            "agents/crews.html", crews=queries.crews().order_by("name"), may_build=self.member.may(Role.OPERATOR)
        )


class CrewPage(WorkspacePage):
    """What a crew does, in plain words, with a form that runs it."""

    def get(self, request: HttpRequest, crew_id: UUID) -> HttpResponse:
        crew = queries.whole_crew(access.get_crew(self.member, crew_id))
        spec = spec_of(crew)
        return self._answer(crew, spec, RunForm(spec.inputs))

    def post(self, request: HttpRequest, crew_id: UUID) -> HttpResponse:
        crew = queries.whole_crew(access.get_crew(self.member, crew_id))
        spec = spec_of(crew)
        form = RunForm(spec.inputs, request.POST, request.FILES)
        if form.is_valid():
            try:
                asked = form.cleaned_data["priority"]
                shown = take_pictures(form.cleaned_data[PICTURES], by=self.member)
                run = services.start_crew_run(
                    crew=crew, inputs=form.values(), by=self.member, priority=asked, pictures=shown
                )
            except (Invalid, TooLarge) as refusal:
                _show(form, refusal)
            else:
                return redirect("projects:run", run.pk)
        return self._answer(crew, spec, form, status=422)

    def _answer(self, crew: Crew, spec: CrewSpec, form: RunForm, *, status: int = 200) -> HttpResponse:
        estimate = estimate_crew(crew=crew, inputs={})
        form.say_who_looks([spoken(task.name) for task in spec.tasks if task.name in spec.seers], estimate.sight.detail)
        return self.render(
            "agents/crew.html",
            status=status,
            crew=crew,
            has_more=len(crew.description) > len(opening(crew.description)) + MUCH,
            doers=_doers(crew),
            tasks=_tasks(crew),
            form=form,
            may_run=self.member.may(Role.OPERATOR),
            recent=ledger.runs().filter(subject_id=crew.pk)[:RECENT],
            answered_by=_answered_by(),
            estimate=estimate,
            outside=_outside(spec),
        )


def _outside(spec: CrewSpec) -> str:
    """What becomes of what it sends out once it has read what others wrote; empty where it has no tool that sends."""
    names = {name for tools in (*(a.tools for a in spec.agents), *(t.tools for t in spec.tasks)) for name in tools}
    if not any(tool.spec.sends_out for name, tool in available_tools().items() if name in names):
        return ""
    return TRUSTING if spec.trust_outside_content else ASKING


def _answered_by() -> Description:
    """Which provider would answer now; asks those that are set up, and remembers for some seconds."""
    from agents.gateway import gateway  # noqa: PLC0415 - the clients take a second to import

    return gateway().describe()


def _doers(crew: Crew) -> list[Doer]:
    tools = available_tools()
    agents = (place.agent for place in crew.places.all())
    return [Doer(agent, [tools[name] for name in agent.tools if name in tools]) for agent in agents]


def _tasks(crew: Crew) -> list[dict[str, Any]]:
    agents = {place.agent_id: place.agent for place in crew.places.all()}
    return [
        {"task": task, "agent": agents.get(task.agent_id) if task.agent_id else None, "after": _after(task)}
        for task in crew.tasks.all()
    ]


def _after(task: Task) -> str:
    """Which results the task is given, in words; empty where that is all of them."""
    if task.context is None:
        return ""
    names = ", ".join(f"“{spoken(name)}”" for name in task.context)
    return f"is given the results of {names}" if names else "starts from nothing"


def _show(form: RunForm, refusal: DomainError) -> None:
    """Put what is wrong at its field; what is wrong with the crew itself goes on top."""
    for error in refusal.errors or ():
        field = PREFIX + error.field.removeprefix("inputs.")
        field = PICTURES if error.field.startswith(PICTURES) else field
        form.add_error(field if field in form.fields else None, error.detail)
    if not refusal.errors:
        form.add_error(None, refusal.detail)
