"""A listing of the kind Agent becomes an agent of the workspace, to be changed and put into crews like any other."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from agents import services
from agents.definitions import agent_spec as spec_of
from agents.models import Agent
from agents.runtimes.spec import AgentSpec
from marketplace.installs.copying.kinds import Copier, Told, kept_name, swapped
from marketplace.installs.needs import Survey
from marketplace.manifest.envelope import AgentManifest
from marketplace.manifest.to_workspace import agent_spec
from tenants.access import Member


class Agents(Copier[Agent]):
    label = "agents.agent"

    def content(self, manifest: AgentManifest, survey: Survey) -> dict[str, Any]:
        spec = agent_spec(manifest)
        return spec.model_copy(update={"tools": swapped(spec.tools, dict(survey.replaced))}).model_dump(mode="json")

    def make(self, content: dict[str, Any], told: Told, by: Member) -> Agent:
        spec = AgentSpec.model_validate(content).model_copy(update={"name": told.title[:100]})
        return services.bring_agent(spec=spec, origin=told.origin, by=by)

    def replace(self, copy: Agent, content: dict[str, Any], told: Told, by: Member) -> None:
        spec = AgentSpec.model_validate(content).model_copy(update={"name": kept_name(copy.name, told)[:100]})
        services.replace_agent(agent=copy, spec=spec, origin=told.origin, by=by)

    def now(self, copy: Agent) -> dict[str, Any]:
        return spec_of(Agent.objects.get(pk=copy.pk)).model_dump(mode="json")

    def keep(self, copy: Agent, by: Member) -> str:
        return services.copy_agent(agent=copy, spec=spec_of(copy), by=by).name

    def rows(self, copy: Agent) -> list[Model]:
        return [copy]

    def remove(self, copy: Agent, by: Member) -> None:
        services.delete_agent(agent=copy, by=by)


AGENTS = Agents()
