"""What came from the market and takes the place of what came before it."""

from __future__ import annotations

from django.db import transaction

from agents import access
from agents.definitions import AGENT_FIELDS
from agents.models import Agent, Crew
from agents.runtimes.spec import AgentSpec, CrewSpec
from agents.services.crews import create_crew
from agents.services.origins import Origin, mark, marks_of
from agents.services.settling import problems_of, refuse
from agents.services.versions import become
from agents.services.workers import create_agent, update_agent
from tenants import audit
from tenants.access import Member, require_builder

LONGEST_NAME = 120


@transaction.atomic
def replace_crew(*, crew: Crew, spec: CrewSpec, description: str, origin: Origin, by: Member) -> Crew:
    """Make an installed crew what another version says, in one step: it keeps its id, its schedules and its runs.

    Whoever starts it meanwhile gets the whole of one version or the whole of the other.
    """
    require_builder(by)
    refuse(problems_of(spec))
    crew = access.lock_crew(crew)
    crew.description = description
    mark(crew, origin)
    become(crew, spec, by=by)
    Agent.objects.filter(came_with=crew.pk, places=None, manages=None, tasks=None).delete()
    audit.record("crew.replaced", crew, by=by, source=origin.source)
    return crew


@transaction.atomic
def copy_crew(*, crew: Crew, spec: CrewSpec, by: Member) -> Crew:
    """A second crew with what the first says now, under a name of its own. It stays bound as the first is."""
    name = free_name(f"{spec.name} (our copy)")
    return create_crew(
        spec=spec.model_copy(update={"name": name}),
        by=by,
        description=crew.description,
        source=crew.source,
        grants=crew.grants,
        bounds=crew.bounds,
        manifest_digest=crew.manifest_digest,
    )


def free_name(wanted: str) -> str:
    """The name, with a number behind it where a crew has it already."""
    taken = set(Crew.objects.filter(name__startswith=wanted[: LONGEST_NAME - 4]).values_list("name", flat=True))
    tries = [wanted[:LONGEST_NAME], *(f"{wanted[: LONGEST_NAME - 4]} {number}" for number in range(2, 999))]
    return next(name for name in tries if name not in taken)


@transaction.atomic
def bring_agent(*, spec: AgentSpec, origin: Origin, by: Member) -> Agent:
    """An agent of this workspace, to be changed like any other; what it may do stays what was granted."""
    agent = create_agent(fields=_fields(spec), by=by)
    mark(agent, origin)
    agent.save(update_fields=["grants", "bounds", "manifest_digest", "updated_at"])
    return agent


@transaction.atomic
def replace_agent(*, agent: Agent, spec: AgentSpec, origin: Origin, by: Member) -> Agent:
    """Make an installed agent what another version says, in every crew that it serves."""
    mark(agent, origin)
    return update_agent(agent=agent, by=by, changes=_fields(spec))


@transaction.atomic
def copy_agent(*, agent: Agent, spec: AgentSpec, by: Member) -> Agent:
    copy = create_agent(fields=_fields(spec) | {"name": f"{spec.name} (our copy)"[:100]}, by=by)
    Agent.objects.filter(pk=copy.pk).update(**marks_of(agent))
    return copy


def _fields(spec: AgentSpec) -> dict[str, object]:
    return {name: getattr(spec, name) for name in AGENT_FIELDS} | {"tools": list(spec.tools)}
