"""What a person may do with crews."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.deletion import ProtectedError

from agents import access, queries
from agents.crewfiles.exporting import CrewFiles, write_crew
from agents.crewfiles.importing import Imported, read_crew
from agents.crewfiles.problems import CrewFilesInvalid, Notice, Place
from agents.definitions import agent_row, process_of, spec_of, task_row
from agents.models import Agent, Crew, CrewAgent, Task
from agents.runtimes.spec import CrewSpec
from agents.services.origins import Origin, mark, marks_of
from agents.services.settling import problems_of, refuse, settle
from agents.tools.reading import available_tools
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, FieldError, Invalid, WrongState

CHANGEABLE = (
    "name",
    "description",
    "process",
    "manager",
    "manager_llm",
    "max_parallel",
    "max_rounds",
    "inputs",
    "limits",
    "trust_outside_content",
)


@dataclass(frozen=True, slots=True)
class Brought:
    """An imported crew, and what was read differently from how CrewAI reads it."""

    crew: Crew
    notices: tuple[Notice, ...]


@transaction.atomic
def create_crew(
    *,
    spec: CrewSpec,
    by: Member,
    description: str = "",
    source: str = "",
    grants: Collection[str] | None = None,
    bounds: Mapping[str, Any] | None = None,
    manifest_digest: str = "",
) -> Crew:
    """Make a crew with its own agents and tasks from a definition, whole or not at all.

    `grants` bound what its tools may touch, by the codes of the marketplace, and `bounds` say how far they go; None for a crew
    that is made here. `manifest_digest` is what it was copied from.
    """
    require_builder(by)
    refuse(problems_of(spec))
    crew = Crew(
        name=spec.name.strip(),
        description=description,
        process=spec.process,
        manager_llm=spec.manager_llm,
        max_parallel=spec.max_parallel,
        max_rounds=spec.max_rounds,
        inputs=[given.model_dump() for given in spec.inputs],
        limits=spec.limits.model_dump(exclude_defaults=True),
        trust_outside_content=spec.trust_outside_content,
        source=source,
    )
    if grants is not None:
        mark(crew, Origin(source, manifest_digest, tuple(grants), dict(bounds or {})))
    save_named(crew)
    agents = [agent_row(agent, came_with=crew.pk, **marks_of(crew)) for agent in spec.agents]
    Agent.objects.bulk_create(agents)
    CrewAgent.objects.bulk_create(CrewAgent(crew=crew, agent=agent, position=n) for n, agent in enumerate(agents))
    named = {agent.name: agent for agent in agents}
    Task.objects.bulk_create(task_row(t, crew=crew, position=n, agents=named) for n, t in enumerate(spec.tasks))
    crew.manager = named.get(spec.manager)
    crew.save(update_fields=["manager", "updated_at"])
    settle(crew, by=by)
    audit.record("crew.created", crew, by=by, source=source)
    return crew


@transaction.atomic
def update_crew(*, crew: Crew, by: Member, changes: Mapping[str, Any]) -> Crew:
    """Change what a crew says, or its agents as a whole."""
    require_builder(by)
    crew = access.lock_crew(crew)
    for field in CHANGEABLE:
        if field in changes:
            setattr(crew, field, changes[field])
    save_named(crew)
    if "agents" in changes:
        _set_members(crew, changes["agents"])
    if crew.manager is not None and not crew.places.filter(agent=crew.manager).exists():
        CrewAgent.objects.create(crew=crew, agent=crew.manager, position=crew.places.count())
    settle(crew, by=by)
    audit.record("crew.changed", crew, by=by, fields=sorted(changes))
    return crew


@transaction.atomic
def delete_crew(*, crew: Crew, by: Member) -> None:
    """Delete a crew with its tasks, and the agents that were made with it and serve no other crew. Its runs stay."""
    require_builder(by)
    crew = access.lock_crew(crew)
    audit.record("crew.deleted", crew, by=by)
    made_with_it = crew.pk
    try:
        with transaction.atomic():
            crew.delete()
    except ProtectedError:
        raise WrongState(f"A schedule runs “{crew.name}”. Delete the schedule first.", code="in_use") from None
    Agent.objects.filter(came_with=made_with_it, places=None, manages=None, tasks=None).delete()


def import_crew(
    *, agents: str | bytes, tasks: str | bytes, name: str, process: str, by: Member, crew: str | bytes = ""
) -> Brought:
    """Make a crew from CrewAI's two files, and from the third of an export where there is one.

    Raises Invalid with file, line and column of every problem.
    """
    require_builder(by)
    imported = _read(agents, tasks, crew, name=name.strip(), process=process)
    return Brought(create_crew(spec=imported.spec, by=by, source="crewai-files"), imported.notices)


def _read(agents: str | bytes, tasks: str | bytes, crew: str | bytes, *, name: str, process: str) -> Imported:
    tools = available_tools().keys()
    try:
        return read_crew(agents, tasks, name=name, tools=tools, process=process_of(process), crew=crew)
    except CrewFilesInvalid as refusal:
        errors = [FieldError(_at(problem.place), problem.code, str(problem)) for problem in refusal.problems]
        raise Invalid(errors[0].detail, code="crew_files_invalid", errors=errors) from refusal


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}:{place.column}"


def export_crew(*, crew: Crew) -> CrewFiles:
    return write_crew(spec_of(queries.whole_crew(crew)))


def save_named(crew: Crew) -> None:
    try:
        with transaction.atomic():
            crew.save()
    except IntegrityError:
        detail = f"There is a crew named “{crew.name}” already; choose another name."
        raise Conflict(detail, errors=[FieldError("name", "taken", detail)]) from None


def _set_members(crew: Crew, agents: Iterable[Agent]) -> None:
    members = list(dict.fromkeys(agents))
    busy = crew.tasks.exclude(agent=None).exclude(agent__in=members).select_related("agent").first()
    if busy is not None and busy.agent is not None:
        detail = f"“{busy.agent.name}” does the task “{busy.name}”. Give the task to another agent first."
        raise Invalid(detail, errors=[FieldError("agents", "in_use", detail)])
    crew.places.all().delete()
    CrewAgent.objects.bulk_create(CrewAgent(crew=crew, agent=agent, position=n) for n, agent in enumerate(members))
