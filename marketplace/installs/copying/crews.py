"""A listing of the kind Crew becomes a crew with agents of its own."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from agents import services as agents
from agents.definitions import spec_of
from agents.models import Agent, Crew, CrewAgent, Task
from agents.queries import whole_crew
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec
from agents.services.bringing import free_name
from marketplace.installs.copying.kinds import Copier, Told, kept_name, swapped
from marketplace.installs.needs import Survey
from marketplace.manifest.envelope import CrewManifest
from marketplace.manifest.to_workspace import crew_spec
from tenants.access import Member
from tenants.errors import Conflict


class Crews(Copier[Crew]):
    label = "agents.crew"

    def content(self, manifest: CrewManifest, survey: Survey) -> dict[str, Any]:
        spec, replaced = crew_spec(manifest), dict(survey.replaced)
        members = tuple(_agent(agent, replaced) for agent in spec.agents)
        tasks = tuple(_task(task, replaced) for task in spec.tasks)
        return _said(spec.model_copy(update={"agents": members, "tasks": tasks}))

    def make(self, content: dict[str, Any], told: Told, by: Member) -> Crew:
        """The crew under its title, or with its publisher's name behind it where the workspace uses the title already."""
        try:
            return self._made(content, told, told.title, by)
        except Conflict:
            return self._made(content, told, free_name(f"{told.title} ({told.namespace})"), by)

    def _made(self, content: dict[str, Any], told: Told, name: str, by: Member) -> Crew:
        return agents.create_crew(
            spec=CrewSpec.from_snapshot(content).model_copy(update={"name": name}),
            by=by,
            description=told.summary,
            source=told.origin.source,
            grants=told.origin.grants,
            bounds=told.origin.bounds,
            manifest_digest=told.origin.digest,
        )

    def replace(self, copy: Crew, content: dict[str, Any], told: Told, by: Member) -> None:
        name = kept_name(copy.name, told)
        if name != copy.name and Crew.objects.filter(name=name).exists():
            name = copy.name
        spec = CrewSpec.from_snapshot(content).model_copy(update={"name": name})
        agents.replace_crew(crew=copy, spec=spec, description=told.summary, origin=told.origin, by=by)

    def now(self, copy: Crew) -> dict[str, Any]:
        return _said(spec_of(whole_crew(copy)))

    def keep(self, copy: Crew, by: Member) -> str:
        return agents.copy_crew(crew=copy, spec=spec_of(whole_crew(copy)), by=by).name

    def rows(self, copy: Crew) -> list[Model]:
        elsewhere = CrewAgent.objects.exclude(crew=copy).values("agent")
        managing = Crew.objects.exclude(pk=copy.pk).exclude(manager=None).values("manager")
        own = Agent.objects.filter(came_with=copy.pk).exclude(pk__in=elsewhere).exclude(pk__in=managing)
        return [
            *own.exclude(tasks__in=Task.objects.exclude(crew=copy)).order_by("pk"),
            copy,
            *CrewAgent.objects.filter(crew=copy).order_by("pk"),
            *Task.objects.filter(crew=copy).order_by("position"),
        ]

    def remove(self, copy: Crew, by: Member) -> None:
        agents.delete_crew(crew=copy, by=by)


def _said(spec: CrewSpec) -> dict[str, Any]:
    """What a listing says of a crew. Whether it trusts what others write, its workspace says; what is copied anew does not."""
    return {name: value for name, value in spec.to_snapshot().items() if name != "trust_outside_content"}


def _agent(agent: AgentSpec, replaced: dict[str, str]) -> AgentSpec:
    return agent.model_copy(update={"tools": swapped(agent.tools, replaced)})


def _task(task: TaskSpec, replaced: dict[str, str]) -> TaskSpec:
    asked = swapped(task.ask_before_tools, replaced)
    return task.model_copy(update={"tools": swapped(task.tools, replaced), "ask_before_tools": asked})


CREWS = Crews()
