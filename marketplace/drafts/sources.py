"""What a workspace can publish, and its definition as it stands now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents import queries
from agents.access import get_agent, get_crew
from agents.definitions import agent_spec, spec_of
from agents.models import Agent, Crew
from marketplace.access import ref_of
from marketplace.drafts.models import Draft
from marketplace.manifest.from_workspace import (
    About,
    Document,
    Play,
    document_of_agent,
    document_of_crew,
    document_of_scenario,
)
from simulations.access import get_scenario
from simulations.manifests import manifest_of
from simulations.models import Scenario
from tenants.access import Member
from tenants.errors import NotFound

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Source:
    """A crew, an agent or a scenario of the workspace. `compose` gives its manifest as plain JSON, complete or not.

    `origin` is the published version that it was copied from, as the manifest's `forked_from`; None for what was made here.
    """

    kind: Draft.Kind
    pk: UUID
    name: str
    summary: str
    compose: Callable[[About], Document]
    origin: dict[str, str] | None = None


def source_of(member: Member, kind: str, source_id: UUID) -> Source:
    """Raises NotFound where it was deleted, or belongs to somebody else."""
    match kind:
        case Draft.Kind.CREW:
            return _of_crew(get_crew(member, source_id))
        case Draft.Kind.AGENT:
            return _of_agent(get_agent(member, source_id))
        case Draft.Kind.SCENARIO:
            return _of_scenario(get_scenario(member, source_id))
    raise NotFound("Choose a crew, an agent or a scenario of this workspace.")


def publishable() -> dict[str, list[dict[str, Any]]]:
    """What there is to choose from, by kind. What came from the market is published as made from that, or not at all."""
    crews, agents = Crew.objects.order_by("name"), Agent.objects.order_by("name")
    scenarios = Scenario.objects.order_by("name")
    return {
        Draft.Kind.CREW: [_row(crew, crew.description) for crew in crews[:MOST_SHOWN]],
        Draft.Kind.AGENT: [_row(agent, agent.role) for agent in agents[:MOST_SHOWN]],
        Draft.Kind.SCENARIO: [_row(scenario, scenario.summary) for scenario in scenarios[:MOST_SHOWN]],
    }


def _row(thing: Crew | Agent | Scenario, words: str) -> dict[str, Any]:
    return {"pk": thing.pk, "name": thing.name, "words": words, "origin": _origin(thing)}


def _origin(thing: Crew | Agent | Scenario) -> dict[str, str] | None:
    ref = "" if isinstance(thing, Agent) else thing.source
    if isinstance(thing, Agent) and thing.came_with:
        ref = Crew.objects.filter(pk=thing.came_with).values_list("source", flat=True).first() or ""
    elif isinstance(thing, Agent) and thing.manifest_digest:
        ref = ref_of(thing.manifest_digest)
    return {"ref": ref, "digest": thing.manifest_digest} if ref and thing.manifest_digest else None


def _of_crew(crew: Crew) -> Source:
    spec = spec_of(queries.whole_crew(crew))
    return Source(
        Draft.Kind.CREW,
        crew.pk,
        crew.name,
        crew.description,
        lambda about: document_of_crew(spec, about),
        _origin(crew),
    )


def _of_agent(agent: Agent) -> Source:
    spec = agent_spec(agent)
    return Source(
        Draft.Kind.AGENT, agent.pk, agent.name, agent.goal, lambda about: document_of_agent(spec, about), _origin(agent)
    )


def _of_scenario(scenario: Scenario) -> Source:
    play = Play(
        key=scenario.key,
        parameters=scenario.parameters,
        presets=scenario.presets,
        policy=scenario.policy,
        steps=scenario.steps,
        seed=scenario.seed,
        spec=manifest_of(scenario)["spec"] if scenario.definition else None,
    )
    words = scenario.summary or scenario.description
    return Source(
        Draft.Kind.SCENARIO,
        scenario.pk,
        scenario.name,
        words,
        lambda about: document_of_scenario(play, about),
        _origin(scenario),
    )
