"""Every change of a crew or an agent leaves a numbered version behind; two can be compared, and one can be brought back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import transaction

from agents import access, queries
from agents.definitions import agent_row, agent_spec, spec_of, task_row
from agents.models import Agent, Crew, CrewAgent, DefinitionVersion, Task
from agents.runtimes.spec import AgentSpec, CrewSpec
from agents.services.origins import marks_of
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import NotFound

Kind = DefinitionVersion.Kind
MOST_VERSIONS = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs; `path` as in `tasks.write_brief.description`, None where there was or is none."""

    path: str
    before: Any
    after: Any


def note_crew(crew: Crew, spec: CrewSpec, by: Member) -> int:
    """The number of the version that the crew now has. The caller holds the crew's lock."""
    return _note(Kind.CREW, crew.pk, spec.to_snapshot(), by)


def note_agent(agent: Agent, by: Member) -> int:
    return _note(Kind.AGENT, agent.pk, agent_spec(agent).model_dump(mode="json"), by)


def number_of(kind: str, subject_id: Any) -> int | None:
    """The newest version's number; None for what was made before versions were kept."""
    return (
        DefinitionVersion.objects.filter(kind=kind, subject_id=subject_id)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )


def get_version(kind: str, subject_id: Any, number: int) -> DefinitionVersion:
    found = DefinitionVersion.objects.filter(kind=kind, subject_id=subject_id, number=number).first()
    if found is None:
        raise NotFound(f"There is no version {number}.")
    return found


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What differs between two definitions, in the order of their paths. Lists of named things are compared by name."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return [
        Difference(path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    ]


@transaction.atomic
def restore_crew(*, crew: Crew, number: int, by: Member) -> Crew:
    """Bring an earlier version back, as a new one. An agent that serves other crews too stays as it is there: this crew gets its own."""
    require_builder(by)
    crew = access.lock_crew(crew)
    become(crew, CrewSpec.from_snapshot(get_version(Kind.CREW, crew.pk, number).definition), by=by)
    audit.record("crew.restored", crew, by=by, version=number)
    return crew


def become(crew: Crew, spec: CrewSpec, *, by: Member) -> None:
    """Make the crew what the specification says, and number that. The caller holds the crew's lock, inside a transaction."""
    crew.name, crew.process, crew.manager_llm = spec.name, spec.process, spec.manager_llm
    crew.max_parallel, crew.max_rounds = spec.max_parallel, spec.max_rounds
    crew.inputs = [given.model_dump() for given in spec.inputs]
    crew.limits = spec.limits.model_dump(exclude_defaults=True)
    crew.trust_outside_content = spec.trust_outside_content
    crew.manager = None
    crew.save()
    crew.tasks.all().delete()
    members = _members_as(crew, spec)
    Task.objects.bulk_create(task_row(t, crew=crew, position=n, agents=members) for n, t in enumerate(spec.tasks))
    crew.manager = members.get(spec.manager)
    crew.save(update_fields=["manager", "updated_at"])
    note_crew(crew, spec_of(queries.whole_crew(crew)), by)


def _members_as(crew: Crew, spec: CrewSpec) -> dict[str, Agent]:
    """Make the crew's members what the version says, by name."""
    present = {place.agent.name: place.agent for place in crew.places.select_related("agent")}
    members = {wanted.name: _member_as(crew, wanted, present.get(wanted.name)) for wanted in spec.agents}
    crew.places.all().delete()
    CrewAgent.objects.bulk_create(CrewAgent(crew=crew, agent=a, position=n) for n, a in enumerate(members.values()))
    return members


def _member_as(crew: Crew, wanted: AgentSpec, present: Agent | None) -> Agent:
    """An agent that came with this crew is bound as the crew is; one that came from elsewhere stays bound as it was."""
    marks = marks_of(crew if present is None or present.came_with == crew.pk else present)
    if present is not None and agent_spec(present) == wanted and marks_of(present) == marks:
        return present
    fresh = agent_row(wanted, came_with=crew.pk, **marks)
    if present is not None and not present.places.exclude(crew=crew).exists():
        fresh.pk, fresh.created_at, fresh.came_with = present.pk, present.created_at, present.came_with
        fresh.save(force_update=True)
    else:
        fresh.save(force_insert=True)
    return fresh


def _note(kind: DefinitionVersion.Kind, subject_id: Any, definition: dict[str, Any], by: Member) -> int:
    digest = hashlib.sha256(orjson.dumps(definition, option=orjson.OPT_SORT_KEYS)).hexdigest()
    last = DefinitionVersion.objects.filter(kind=kind, subject_id=subject_id).order_by("-number").first()
    if last is not None and last.digest == digest:
        return last.number
    number = last.number + 1 if last else 1
    DefinitionVersion.objects.create(
        kind=kind,
        subject_id=subject_id,
        number=number,
        digest=digest,
        definition=definition,
        made_by=by.name or by.email,
    )
    DefinitionVersion.objects.filter(kind=kind, subject_id=subject_id, number__lte=number - MOST_VERSIONS).delete()
    return number


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its path; a list of plain values is one value."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list) and value and all(isinstance(each, Mapping) and "name" in each for each in value):
        yield f"{path}.order", [each["name"] for each in value]
        for each in value:
            yield from _leaves(each, f"{path}.{each['name']}")
    else:
        yield path, value
