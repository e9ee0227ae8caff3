"""The engine: plays one scenario step by step, the same way for the same seed, wherever it was interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from simulations.engine.agents import HybridAgent
from simulations.engine.checkpoints import Checkpoint, check_origin, load_state, state_columns, state_facts
from simulations.engine.deciders import Assigned, Build, Deciders, plain_build
from simulations.engine.decisions import DecisionPolicy
from simulations.engine.errors import CheckpointRefused
from simulations.engine.frames import Frame
from simulations.engine.frames.hello import Group, Hello, hello_of
from simulations.engine.intervening import carry_out, check
from simulations.engine.interventions import Intervention
from simulations.engine.parameters import Value, settle_parameters
from simulations.engine.randomness import Chance
from simulations.engine.recording.intervention_log import InterventionLog
from simulations.engine.results import USUAL, Manner, StepResult
from simulations.engine.spec import ScenarioSpec
from simulations.engine.stages import Turn
from simulations.engine.stages.running import go_through
from simulations.engine.state import Values
from simulations.engine.world.worlds import world_of

if TYPE_CHECKING:
    from simulations.engine.mesa_adapter import Bodies

__all__ = ["USUAL", "Assigned", "Build", "HybridSimulationEngine", "Manner", "StepResult"]
Kept = tuple[dict[str, Value], set[int], dict[str, Any]]


class HybridSimulationEngine:
    """One play of a scenario. Close it, or use it in a `with` block.

    `policy` is the name of one for all, or one for each archetype; `build` makes the policies from the live parameters.
    """

    def __init__(
        self,
        spec: ScenarioSpec,
        *,
        seed: int,
        parameters: Mapping[str, Any] | None = None,
        policy: Assigned = None,
        build: Build = plain_build,
        acts: InterventionLog | None = None,
        manner: Manner = USUAL,
    ) -> None:
        """Raises ParametersRefused, UnknownPolicy, TooLarge before anything is allocated, and what a world refuses."""
        self.spec = spec
        self.seed = seed
        self.acts = InterventionLog() if acts is None else acts
        self.manner = manner
        self.step_number = 0
        self.seats: set[int] = set()
        self._bodies: Bodies | None = None
        settings = settle_parameters(spec.declared(), parameters or {})
        self.world = world_of(spec, settings, Chance(seed, 0), limits=manner.limits)
        self._began = dict(settings)
        self.deciders = Deciders(spec, self.world.settings, seed, policy, build)
        self._look_where_needed()
        metrics = self.world.measure()
        self.world.state.commit_all()
        self.camera = self._hello().camera(self.world.state.rows) if manner.pictures else None
        self.latest = StepResult(
            0, metrics, self.world.state.digest(0), {}, self.world.finished(), frame=self.keyframe()
        )

    @property
    def policy(self) -> Assigned:
        """The names of the policies, as they were given."""
        return self.deciders.assigned

    @property
    def policies(self) -> Mapping[str, DecisionPolicy]:
        """Who decides, by archetype."""
        return self.deciders.policies

    @property
    def parameters(self) -> Mapping[str, Value]:
        """As they are now."""
        return self.world.settings

    @property
    def digest(self) -> str:
        return self.latest.digest

    @property
    def columns(self) -> Mapping[str, Values]:
        """The state of all agents by column, as last committed."""
        return {column.name: self.world.state[column.name] for column in self.world.state.columns}

    @property
    def is_finished(self) -> bool:
        return self.latest.finished

    async def step(self) -> StepResult:
        """Play one step; a finished simulation stays as it is. If a step fails, nothing of it happened.

        Raises SimulationError: PlayInterrupted (WaitingForPerson) to try again later, anything else for good.
        """
        if self.latest.finished:
            return self.latest
        before = self._keep()
        try:
            self._intervene(self.step_number + 1)
            turn = self._turn(self.step_number + 1)  # after seats were taken and left
            self.world.begin(turn.step, turn.chance)
            await go_through(self.manner.stages, turn)
        except BaseException:  # raised again: a step that was broken off, however, has not happened
            self._take_back(before)
            raise
        self.step_number = turn.step
        self.latest = self._result(turn)
        for watch in self.manner.watchers:
            watch(self.latest)
        return self.latest

    async def run(self, until: int) -> StepResult:
        """Play up to step `until`, or until the scenario says that it is over."""
        while self.step_number < until and not self.latest.finished:
            await self.step()
        return self.latest

    def run_now(self, until: int) -> StepResult:
        """The same where no loop runs."""
        return asyncio.run(self.run(until))

    def intervene(self, act: Intervention) -> Intervention:
        """Have something done at the start of its step, the next one at the earliest. Raises InterventionRefused."""
        act = replace(act, step=max(act.step, self.step_number + 1))
        check(act, self.spec, self.world)
        self.acts.add(act)
        return act

    def hello(self) -> dict[str, Any]:
        """What viewers are told once: as `simulations.engine.frames.hello` says it."""
        return self._hello().content

    def keyframe(self) -> Frame | None:
        """The whole picture as it is now, where pictures are taken."""
        return None if self.camera is None else self.camera.keyframe(self.step_number, self.world.state)

    def agent(self, row: int) -> HybridAgent:
        """One agent as a whole; with its body once `bodies` was asked for."""
        archetype = self.world.archetypes[int(self.world.state["archetype"][row])]
        return HybridAgent(row, archetype, self.policies[archetype], self.world.state, self._bodies)

    def bodies(self) -> Bodies:
        """Mesa's model of this play, with every agent in the cell where it is now. Raises TooManyBodies above 20,000 agents."""
        from simulations.engine.mesa_adapter import Bodies  # noqa: PLC0415  (most plays need no Mesa)

        if self._bodies is None:
            self._bodies = Bodies(self.world.space, seed=self.seed)
        self._bodies.follow()
        return self._bodies

    def snapshot(self) -> bytes:
        """All that is needed to go on from here, in another process."""
        state = self.world.state
        facts = {
            "scenario": [self.spec.key, self.spec.version, self.spec.digest],
            "seed": self.seed,
            "policy": self.policy if self.policy is None or isinstance(self.policy, str) else dict(self.policy),
            "began": self._began,
            "parameters": dict(self.world.settings),
            "step": self.step_number,
            "digest": self.latest.digest,
            "metrics": dict(self.latest.metrics),
            "finished": self.latest.finished,
            "seats": sorted(self.seats),
            "acts": [[act.step, act.kind, act.target, act.value, act.by] for act in self.acts],
            "memories": self.deciders.memories(),
            "spend": self.deciders.books(),
            **state_facts(state),
        }
        return Checkpoint(facts, state_columns(state)).pack()

    @classmethod
    def restore(
        cls,
        data: bytes,
        spec: ScenarioSpec,
        *,
        policy: Assigned = None,
        build: Build = plain_build,
        acts: InterventionLog | None = None,
        manner: Manner = USUAL,
    ) -> Self:
        """Go on from a snapshot, with the same policy if none is named.

        Raises CheckpointRefused for one of another scenario, of another form, or damaged.
        """
        checkpoint = Checkpoint.unpack(data)
        facts = checkpoint.facts
        check_origin(facts, spec)
        engine = cls(
            spec,
            seed=facts["seed"],
            parameters=facts["began"],
            policy=facts["policy"] if policy is None else policy,
            build=build,
            acts=acts if acts is not None else InterventionLog(Intervention(*act) for act in facts["acts"]),
            manner=manner,
        )
        engine._load(checkpoint)
        return engine

    async def fork(
        self,
        step: int,
        *,
        parameters: Mapping[str, Value] | None = None,
        policy: Assigned = None,
        build: Build | None = None,
        checkpoint: bytes | None = None,
    ) -> HybridSimulationEngine:
        """A branch that shares the first `step` steps, then goes on with other parameters, another policy, or other ports.

        It begins at `checkpoint` (of `step` or before), here, or at the beginning, and plays up to `step` as this play
        did: what was decided then must be in the log to which `build` of this play goes. Parameters need not be live ones.
        """
        data = self.snapshot() if checkpoint is None and self.step_number <= step else checkpoint
        shared = self.acts.until(step)
        if data is None:
            branch = HybridSimulationEngine(
                self.spec,
                seed=self.seed,
                parameters=self._began,
                policy=self.policy,
                build=self.deciders.build,
                acts=shared,
            )
        else:
            branch = HybridSimulationEngine.restore(data, self.spec, build=self.deciders.build, acts=shared)
        await branch.run(step)
        branch.turn_off(parameters or {}, policy=policy, build=build)
        return branch

    def turn_off(self, parameters: Mapping[str, Value], *, policy: Assigned = None, build: Build | None = None) -> None:
        """From here on with other parameters (live ones or not), another policy, other ports: a branch of its own."""
        wanted = settle_parameters(self.spec.declared(), {**self.world.settings, **parameters})
        for name in parameters:
            self.world.change(name, wanted[name])
        memories, before = self.deciders.memories(), self.deciders
        assigned = self.policy if policy is None else policy
        self.deciders = Deciders(self.spec, self.world.settings, self.seed, assigned, build or before.build)
        self._look_where_needed()
        self.deciders.remember(memories)

    def close(self) -> None:
        """Let go of the world, and let Mesa forget its model if one was made."""
        self.world.close()
        if self._bodies is not None:
            self._bodies.release()
            self._bodies = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hello(self) -> Hello:
        groups = [Group(roll.name, roll.label, roll.first, roll.count) for roll in self.world.rolls]
        return hello_of(self.spec, self.world.state, self.world.space.topology(), groups)

    def _look_where_needed(self) -> None:
        """Rules say what they read; where somebody sits in an agent's place, everything is observed."""
        read = self.deciders.fields_read()
        self.world.see_only(dict.fromkeys(read) if self.seats else read)

    def _turn(self, step: int) -> Turn:
        return Turn(
            step=step,
            world=self.world,
            chance=Chance(self.seed, step),
            scenario=self.spec.digest,
            policies=self.policies,
            seats=self.seats,
            person=self.deciders.person if self.seats else None,
            acceptable=self.deciders.acceptable,
        )

    def _intervene(self, step: int) -> None:
        acts = self.acts.at(step)
        for act in acts:
            carry_out(act, self.world, self.seats)
        if any(act.kind == "seat" for act in acts):
            self._look_where_needed()

    def _keep(self) -> Kept:
        return dict(self.world.settings), set(self.seats), self.deciders.memories()

    def _take_back(self, before: Kept) -> None:
        """The step never was. What it has cost stays spent, and what it learned of models stays known."""
        settings, seats, memories = before
        for name, value in settings.items():
            if self.world.settings[name] != value:
                self.world.change(name, value)
        self.seats.clear()
        self.seats.update(seats)
        self._look_where_needed()
        self.deciders.remember(memories)
        self.world.state.roll_back()
        self.world.restored(self.step_number, Chance(self.seed, self.step_number), self.latest.metrics)

    def _load(self, checkpoint: Checkpoint) -> None:
        facts, world = checkpoint.facts, self.world
        load_state(world.state, checkpoint)
        self.step_number = facts["step"]
        for name, value in facts["parameters"].items():
            if world.settings[name] != value:
                world.change(name, value)
        self.seats.update(facts["seats"])
        digest = world.state.digest(self.step_number)
        if digest != facts["digest"]:
            raise CheckpointRefused("The checkpoint is damaged: its digest does not match its content.")
        world.restored(self.step_number, Chance(self.seed, self.step_number), facts["metrics"])
        self._look_where_needed()
        self.deciders.remember(facts["memories"])
        self.deciders.open_books(facts["spend"])
        self.latest = StepResult(
            self.step_number, facts["metrics"], digest, {}, facts["finished"], frame=self.keyframe()
        )

    def _result(self, turn: Turn) -> StepResult:
        return StepResult(
            step=turn.step,
            metrics=turn.metrics,
            digest=self.world.state.digest(turn.step),
            delta=turn.delta,
            finished=self.world.finished(),
            decisions=turn.sources,
            fallbacks=turn.fallbacks,
            requests=turn.requests,
            refused=turn.refused,
            calls=turn.calls,
            tokens=turn.tokens,
            cost=turn.cost,
            timings=turn.timings,
            said=self.world.said(),
            frame=None if self.camera is None else self.camera.frame(turn.step, self.world.state, turn.delta),
        )
