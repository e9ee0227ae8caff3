"""Putting a manifest on the sandbox's stage: its copies there, a run or plays of them, and clearing all of it away.

Every function is called inside the sandbox's schema. A stage holds nothing but ids, so that a worker which takes over knows what there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from pydantic import BaseModel

from agents import services as agents
from agents.knowledge import services as knowledge
from agents.knowledge.models import Document, KnowledgeCollection
from agents.models import Crew
from agents.runtimes.spec import CrewSpec, TaskSpec, WaitingSpec
from marketplace.installs.copying import new_scenario
from marketplace.manifest.envelope import AgentManifest, CrewManifest, Manifest, ScenarioManifest
from marketplace.manifest.evaluation import CaseDocument
from marketplace.manifest.inputs import properties
from marketplace.manifest.to_workspace import agent_spec, crew_spec, inputs_of
from projects import services as projects
from projects.models import Run
from simulations import services as simulations
from simulations.models import Scenario, Simulation
from tenants.access import Member
from tenants.errors import Invalid, WrongState

NAME = 80
FORGOTTEN = timedelta(days=1)
BOUNDS = {"tokens": 200_000, "model_calls": 100}  # of one run, also where nobody knows a model's price


class Stage(BaseModel):
    """Ids of what was made for one play."""

    collection: UUID | None = None
    crew: UUID | None = None
    scenario: UUID | None = None
    run: UUID | None = None
    simulations: list[UUID] = []

    @property
    def copies(self) -> list[UUID]:
        """Whatever was made, of all kinds; ids are unique over all of them."""
        return [each for each in (self.collection, self.crew, self.scenario, self.run) if each is not None]

    @property
    def has_begun(self) -> bool:
        return self.run is not None or bool(self.simulations)


class Plays(BaseModel):
    """How a scenario is played: once for each seed; by its usual policy where none is named."""

    parameters: dict[str, Any] = {}
    seeds: list[int] = [1]
    steps: int | None = None
    policy: str | None = None


def build(manifest: Manifest, documents: Sequence[CaseDocument], *, name: str, by: Member) -> Stage:
    """Copy the manifest into the sandbox, with a collection of its own that holds these documents and nothing else."""
    if isinstance(manifest, ScenarioManifest):
        return Stage(scenario=simulations.add_scenario(new=new_scenario(manifest), by=by).pk)
    if not isinstance(manifest, AgentManifest | CrewManifest):
        raise Invalid(
            f"A listing of the kind {manifest.kind} does nothing by itself; there is nothing to try.", code="kind"
        )
    name = f"{manifest.metadata.title[:NAME]} · {name}"
    shelf = _shelf(documents, name=name, by=by)
    spec = unattended(crew_spec(manifest) if isinstance(manifest, CrewManifest) else alone(manifest))
    named = spec.model_copy(update={"name": name})
    crew = agents.create_crew(spec=named, by=by, source=manifest.ref, grants=leave_of(manifest))
    for agent in crew.agents.all():
        agent.collections.set([shelf])
    return Stage(collection=shelf.pk, crew=crew.pk)


def _shelf(documents: Sequence[CaseDocument], *, name: str, by: Member) -> KnowledgeCollection:
    shelf = knowledge.create_collection(name=name, by=by)
    for number, document in enumerate(documents, start=1):
        kept = "".join(c if c.isalnum() or c in " -_." else "-" for c in document.title).strip(" .-")
        file = ContentFile(document.text.encode(), name="document.md")
        knowledge.upload_document(collection=shelf, name=f"{kept or number}.md", stream=file, by=by)
    return shelf


def alone(manifest: AgentManifest) -> CrewSpec:
    """An agent with one task: its input `task`, or where it has none all of its inputs."""
    asked = properties(manifest.inputs)
    said = "{task}" if "task" in asked else "\n".join(f"{name}: {{{name}}}" for name in asked)
    agent = agent_spec(manifest)
    task = TaskSpec(name="answer", description=said, expected_output="A complete answer.", agent=agent.name)
    return CrewSpec(name=manifest.metadata.title, agents=(agent,), tasks=(task,), inputs=inputs_of(manifest.inputs))


def leave_of(manifest: Manifest) -> list[str]:
    """What it may do here: all that it asks for, except to reach anything outside."""
    return [
        code for permission in manifest.permissions if not (code := permission.meaning().code).startswith("network:")
    ]


def unattended(spec: CrewSpec) -> CrewSpec:
    """The crew as it works where nobody can be asked: approvals count as given, and questions have their defaults."""
    nobody = {"human_input": False, "ask_before_tools": (), "ask_input": (), "waiting": WaitingSpec()}
    tasks = tuple(task.model_copy(update=nobody) for task in spec.tasks)
    return spec.model_copy(update={"tasks": tasks, "trust_outside_content": True})


def unread(stage: Stage) -> int:
    """How many of its documents are not read yet. Raises WrongState for one that cannot be."""
    documents = Document.objects.filter(collection_id__in=stage.copies)
    failed = documents.filter(state=Document.State.FAILED).first()
    if failed is not None:
        raise WrongState(f"The document “{failed.name}” cannot be read: {failed.error}", code="document")
    return documents.exclude(state=Document.State.READY).count()


def begin(stage: Stage, inputs: Mapping[str, Any], *, usd: float, by: Member) -> Stage:
    """Start the run of what was built, within `usd` dollars, or the plays of a scenario."""
    if stage.scenario is not None:
        return stage.model_copy(update={"simulations": _plays(stage.scenario, Plays.model_validate(inputs), by)})
    run = agents.start_crew_run(
        crew=Crew.objects.get(pk__in=stage.copies),
        inputs={name: str(value) for name, value in inputs.items()},
        by=by,
        seconds_allowed=min(settings.SANDBOX_RUN_SECONDS, settings.RUN_SECONDS),
        limits={**BOUNDS, "usd": usd} if usd else BOUNDS,
    )
    return stage.model_copy(update={"run": run.pk})


def _plays(scenario_id: UUID, how: Plays, by: Member) -> list[UUID]:
    scenario = Scenario.objects.get(pk=scenario_id)
    return [
        simulations.create_simulation(
            scenario=scenario,
            settings=simulations.Settings(parameters=how.parameters, seed=seed, steps=how.steps, policy=how.policy),
            start=True,
            by=by,
            one_of_many=True,  # the sandbox bounds by itself how much is tried at once
        ).pk
        for seed in how.seeds
    ]


def clear(stage: Stage, *, by: Member) -> None:
    """Take everything out of the sandbox that belongs to this play; what is gone already is no error."""
    for run in Run.objects.filter(pk__in=stage.copies):
        _drop_run(run, by)
    for play in Simulation.objects.filter(pk__in=stage.simulations):
        _drop_simulation(play, by)
    for scenario in Scenario.objects.filter(pk__in=stage.copies):
        simulations.remove_scenario(scenario=scenario, by=by)
    for crew in Crew.objects.filter(pk__in=stage.copies):
        agents.delete_crew(crew=crew, by=by)
    for shelf in KnowledgeCollection.objects.filter(pk__in=stage.copies):
        knowledge.delete_collection(collection=shelf, by=by)


def _drop_run(run: Run, by: Member) -> None:
    """One that a worker has in hand is stopped, and stays until `sweep` finds it ended."""
    stopped = run if run.has_ended else projects.cancel_run(run=run, by=by)
    if stopped.has_ended:
        projects.delete_run(run=stopped, by=by)


def _drop_simulation(play: Simulation, by: Member) -> None:
    stopped = play if play.has_ended else simulations.stop_simulation(simulation=play, by=by)
    simulations.delete_simulation(simulation=stopped, by=by)


def sweep(*, by: Member) -> None:
    """Delete runs that ended long after nobody waited for them any more. Called in the sandbox's schema."""
    for run in Run.objects.filter(finished_at__lt=timezone.now() - FORGOTTEN):
        _drop_run(run, by)
