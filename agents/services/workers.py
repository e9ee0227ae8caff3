"""What a person may do with agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models.deletion import ProtectedError

from agents.definitions import alone
from agents.models import Agent, Crew
from agents.runtimes.checks import check
from agents.services.settling import refuse, settle
from agents.services.versions import note_agent
from agents.tools.reading import available_tools
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import WrongState


@transaction.atomic
def create_agent(*, fields: Mapping[str, Any], by: Member) -> Agent:
    require_builder(by)
    agent = Agent(**_columns(fields))
    _check_agent(agent)
    agent.save()
    agent.collections.set(fields.get("collections", ()))
    note_agent(agent, by)
    audit.record("agent.created", agent, by=by)
    return agent


@transaction.atomic
def update_agent(*, agent: Agent, by: Member, changes: Mapping[str, Any]) -> Agent:
    """Change an agent, in every crew that it serves."""
    require_builder(by)
    for field, value in _columns(changes).items():
        setattr(agent, field, value)
    _check_agent(agent)
    agent.save()
    if "collections" in changes:
        agent.collections.set(changes["collections"])
    for crew in Crew.objects.select_for_update().filter(places__agent=agent).order_by("pk"):
        settle(crew, by=by)
    note_agent(agent, by)
    audit.record("agent.changed", agent, by=by, fields=sorted(changes))
    return agent


@transaction.atomic
def delete_agent(*, agent: Agent, by: Member) -> None:
    require_builder(by)
    crew = Crew.objects.filter(places__agent=agent).first() or Crew.objects.filter(manager=agent).first()
    if crew is not None:
        raise WrongState(f"“{agent.name}” works in the crew “{crew.name}”. Take it out of there first.", code="in_use")
    audit.record("agent.deleted", agent, by=by)
    try:
        with transaction.atomic():
            agent.delete()
    except ProtectedError:
        raise WrongState(f"“{agent.name}” was given work just now. Look again.", code="in_use") from None


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "collections"}


def _check_agent(agent: Agent) -> None:
    spec = alone(agent)
    place = f"agents.{agent.name}"
    problems = [problem for problem in check(spec, tools=available_tools()) if problem.path.startswith("agents")]
    refuse(replace(problem, path=problem.path.removeprefix(place).removeprefix(".") or "name") for problem in problems)
