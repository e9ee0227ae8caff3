"""Starting a crew or an agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings

from agents import queries
from agents.definitions import alone, snapshot_of, spec_of
from agents.gateway import gateway
from agents.llm.gateway import Description
from agents.models import Agent, Crew
from agents.pictures.picture import Picture
from agents.runtimes.checks import check, check_inputs
from agents.runtimes.spec import CrewSpec
from agents.services.readied import readied
from agents.services.settling import refuse
from agents.services.showing import start_shown
from agents.services.unattended import check_unattended
from agents.services.versions import number_of
from agents.tools.reading import ToolNames
from projects.models import Project, Run
from projects.services import Order
from tenants.access import Member


def start_crew_run(  # noqa: PLR0913 - each by its name
    *,
    crew: Crew,
    inputs: Mapping[str, str],
    by: Member,
    project: Project | None = None,
    seconds_allowed: int | None = None,
    origin: Run.Origin = Run.Origin.PERSON,
    origin_id: UUID | None = None,
    priority: int | None = None,
    limits: Mapping[str, Any] | None = None,
    pictures: Sequence[Picture] = (),
) -> Run:
    """Queue a run of the crew as it is now. Raises Invalid with everything that keeps it from running.

    `limits` are what the run may use: usd, tokens, model_calls, at_limit. The tasks that see them are shown `pictures`.
    """
    spec, snapshot = readied(crew)
    refuse(check_inputs(spec, inputs))
    if origin == Run.Origin.SCHEDULE:
        check_unattended(crew)
    seconds = _seconds(spec, seconds_allowed)
    order = Order(
        Run.Kind.CREW, crew.pk, spec.name, snapshot, dict(inputs), seconds, origin, origin_id, priority, limits or {}
    )
    return start_shown(order=order, pictures=pictures, project=project, by=by)


def check_schedule(*, crew: Crew, inputs: Mapping[str, str]) -> None:
    """Raise Invalid with everything that would keep the crew from running with these inputs, or Conflict where it was installed
    without leave to start by itself."""
    spec = spec_of(queries.whole_crew(crew))
    refuse([*check(spec, tools=ToolNames()), *check_inputs(spec, inputs)])
    check_unattended(crew)


def start_agent_run(
    *,
    agent: Agent,
    inputs: Mapping[str, str],
    by: Member,
    project: Project | None = None,
    seconds_allowed: int | None = None,
    priority: int | None = None,
    limits: Mapping[str, Any] | None = None,
    pictures: Sequence[Picture] = (),
) -> Run:
    """Queue one agent with one task, the input `task`, and what it is shown."""
    spec = alone(agent)
    refuse([*check(spec, tools=ToolNames()), *check_inputs(spec, inputs)])
    snapshot = snapshot_of(spec, agents=[agent])
    snapshot["version"] = number_of("agent", agent.pk)
    order = Order(
        Run.Kind.AGENT,
        agent.pk,
        agent.name,
        snapshot,
        dict(inputs),
        seconds_allowed,
        priority=priority,
        limits=limits or {},
    )
    return start_shown(order=order, pictures=pictures, project=project, by=by)


def _seconds(spec: CrewSpec, wanted: int | None) -> int | None:
    """What was asked for, within the crew's own bound. What is beyond the operator's is refused further down."""
    own, most = spec.limits.seconds, int(settings.RUN_SECONDS)
    if not own or (wanted or 0) > most:
        return wanted
    return min(wanted or most, own, most)


def answered_by() -> Description:
    """Which provider and model would answer a run that started now; waits up to two seconds for local servers."""
    return gateway().describe()
