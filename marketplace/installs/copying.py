"""What each kind of listing becomes in a workspace, and how it is taken out again."""

from __future__ import annotations

from typing import Any

from agents import services as agents
from agents.models import Crew
from agents.runtimes.spec import AgentSpec, CrewSpec, InputSpec, LimitsSpec, TaskSpec
from marketplace.installs.models import Installation
from marketplace.manifest import specs
from marketplace.manifest.envelope import CrewManifest, Inputs, Manifest, ScenarioManifest
from marketplace.manifest.inputs import properties
from simulations import services as simulations
from tenants.access import Member
from tenants.errors import Conflict, Invalid


def copy_into(installation: Installation, manifest: Manifest, *, by: Member) -> None:
    """Make the crew or the scenario of `manifest` in the workspace and tie it to its installation."""
    if isinstance(manifest, CrewManifest):
        installation.crew = _make_crew(manifest, by)
    elif isinstance(manifest, ScenarioManifest):
        installation.scenario = simulations.add_scenario(new=new_scenario(manifest), by=by)
    else:
        raise Invalid(f"Listings of the kind {manifest.kind} cannot be installed by this release.", code="kind")
    installation.save(update_fields=["crew", "scenario", "updated_at"])


def remove_copies(installation: Installation, *, by: Member) -> None:
    """Take out what is still there of it; somebody may have deleted it by hand."""
    crew, installation.crew = installation.crew, None
    scenario, installation.scenario = installation.scenario, None
    installation.save(update_fields=["crew", "scenario", "updated_at"])
    if crew is not None:
        agents.delete_crew(crew=crew, by=by)
    if scenario is not None:
        simulations.remove_scenario(scenario=scenario, by=by)


def _make_crew(manifest: CrewManifest, by: Member) -> Crew:
    """The crew under its title, or with its publisher's name behind it where the workspace uses the title already."""
    spec = crew_spec(manifest)
    told: dict[str, Any] = {
        "description": manifest.metadata.summary,
        "source": manifest.ref,
        "grants": [permission.meaning().code for permission in manifest.permissions],
    }
    try:
        return agents.create_crew(spec=spec, by=by, **told)
    except Conflict:
        longer = spec.model_copy(update={"name": f"{spec.name} ({manifest.metadata.namespace})"})
        return agents.create_crew(spec=longer, by=by, **told)


def crew_spec(manifest: CrewManifest) -> CrewSpec:
    """The crew of a manifest in the runtime's own terms."""
    crew = manifest.spec
    return CrewSpec(
        name=manifest.metadata.title,
        agents=tuple(_agent(agent) for agent in crew.agents),
        tasks=tuple(_task(task) for task in crew.tasks),
        inputs=_inputs(manifest.inputs),
        process=crew.process,
        manager=crew.manager or "",
        limits=_limits(manifest),
    )


def _limits(manifest: CrewManifest) -> LimitsSpec:
    given = manifest.limits
    return LimitsSpec(seconds=given.minutes * 60, model_calls=given.model_calls, tokens=given.tokens, usd=given.usd)


def new_scenario(manifest: ScenarioManifest) -> simulations.NewScenario:
    scenario = manifest.spec
    return simulations.NewScenario(
        key=scenario.scenario,
        name=manifest.metadata.title,
        summary=manifest.metadata.summary,
        description=manifest.metadata.description,
        parameters=scenario.parameters,
        presets=[preset.model_dump() for preset in scenario.presets],
        policy=scenario.policy,
        steps=scenario.steps,
        seed=scenario.seed,
        source=manifest.ref,
    )


def _agent(agent: specs.AgentSpec) -> AgentSpec:
    return AgentSpec(
        name=agent.name,
        role=agent.role,
        goal=agent.goal,
        backstory=agent.backstory,
        tools=agent.tools,
        temperature=agent.temperature,
        max_iter=agent.max_iter,
        allow_delegation=agent.allow_delegation,
    )


def _task(task: specs.TaskSpec) -> TaskSpec:
    return TaskSpec(
        name=task.name,
        description=task.description,
        expected_output=task.expected_output,
        agent=task.agent,
        context=task.context,
        tools=task.tools,
        async_execution=task.async_execution,
        markdown=task.markdown,
        human_input=task.human_input,
        guardrail=task.guardrail or "",
        output_schema=task.output_schema,
    )


def _inputs(inputs: Inputs) -> tuple[InputSpec, ...]:
    return tuple(
        InputSpec(
            name=name,
            description=str(field.get("description") or field.get("title") or ""),
            default=None if field.get("default") is None else str(field["default"]),
        )
        for name, field in properties(inputs).items()
    )
