"""The engine: plays one scenario step by step, the same way for the same seed, wherever it was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from simulations.engine import pipeline
from simulations.engine.checkpoints import FORMAT, Checkpoint, pack_state, unpack_state
from simulations.engine.errors import CheckpointRefused, UnknownPolicy
from simulations.engine.frames import Camera, Frame, Shown
from simulations.engine.parameters import settle_parameters
from simulations.engine.randomness import Chance
from simulations.engine.scenario import Metrics, Scenario

_PARTS = ("seed", "policy", "parameters", "step", "state", "digest")


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step as others see it. `requests` counts distinct situations put to policies, `refused` illegal choices."""

    step: int
    metrics: Metrics
    digest: str
    frame: Frame
    finished: bool
    requests: int = 0
    refused: int = 0


class HybridSimulationEngine:
    """One play of a scenario. Close it, or use it in a `with` block: Mesa keeps what is not let go."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int,
        parameters: Mapping[str, Any] | None = None,
        policy: str = "rule",
        stages: Sequence[pipeline.Stage] = pipeline.STAGES,
    ) -> None:
        """Raises ParametersRefused or UnknownPolicy."""
        self.scenario = scenario
        self.seed = seed
        self.policy = policy
        self.parameters = settle_parameters(scenario.parameters, parameters or {})
        self.step_number = 0
        self._stages = tuple(stages)
        decider = policy_of(scenario, policy)(self.parameters)
        self.world = scenario.build(self.parameters, Chance(seed, 0), decider)
        metrics = self.world.measure()
        self.world.state.commit_all()
        self._camera = Camera(shown_columns(scenario), rows=self.world.state.rows)
        self.latest = self._result(metrics, self.keyframe())

    def step(self) -> StepResult:
        """Play one step; a finished simulation stays as it is."""
        if self.latest.finished:
            return self.latest
        self.step_number += 1
        turn = pipeline.Turn(self.step_number, self.world, Chance(self.seed, self.step_number))
        for stage in self._stages:
            stage(turn)
        self.latest = self._result(turn.metrics, self._frame(turn), turn.requests, turn.refused)
        return self.latest

    def run(self, until: int, *, watch: Callable[[StepResult], None] | None = None) -> StepResult:
        """Play up to step `until`, or until the scenario says that nothing changes any more."""
        while self.step_number < until and not self.latest.finished:
            result = self.step()
            if watch is not None:
                watch(result)
        return self.latest

    def keyframe(self) -> Frame:
        """The whole picture as it is now."""
        return self._camera.keyframe(self.step_number, self.world.state)

    def hello(self) -> dict[str, Any]:
        """What viewers are told once: as `simulations.engine.frames.hello` says it."""
        view, state = self.scenario.view, self.world.state
        side = {name: int(self.parameters[each]) for name, each in (("width", view.width), ("height", view.height))}
        words = {view.colour: [entry.label for entry in view.legend], view.mark: ["no", "yes"]}
        names = {view.place: "place"}
        return {
            "version": 1,
            "rows": state.rows,
            "stride": 1,
            "space": {"kind": "grid", **side, "torus": True, "hex": False},
            "columns": [
                {"name": names.get(each.name, each.name), "label": each.name.capitalize(), "type": each.wire}
                | {"low": 0, "high": 0, "words": words.get(each.name, [])}
                for each in shown_columns(self.scenario)
            ],
            "layers": [{"color": view.colour, "mark": view.mark, "size": None, "label": view.colour.capitalize()}],
            "histograms": [],
            "charts": [[metric.name] for metric in self.scenario.metrics],
            "metrics": [
                {"name": each.name, "label": each.label, "unit": each.unit, "help": each.help}
                for each in self.scenario.metrics
            ],
            "archetypes": [{"name": "resident", "label": "Resident", "first": 0, "count": state.rows}],
        }

    def snapshot(self) -> Checkpoint:
        """All that is needed to go on from here, as a JSON document."""
        return {
            "format": FORMAT,
            "scenario": self.scenario.key,
            "scenario_version": self.scenario.version,
            "seed": self.seed,
            "policy": self.policy,
            "parameters": self.parameters,
            "step": self.step_number,
            "state": pack_state(self.world.state),
            "digest": self.latest.digest,
        }

    @classmethod
    def restore(cls, checkpoint: Mapping[str, Any], scenario: Scenario) -> Self:
        """Go on from a snapshot. Raises CheckpointRefused if it is not one of this scenario and version, or damaged."""
        _check_origin(checkpoint, scenario)
        engine = cls(
            scenario, seed=checkpoint["seed"], parameters=checkpoint["parameters"], policy=checkpoint["policy"]
        )
        engine._load(checkpoint)
        return engine

    def close(self) -> None:
        self.world.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _load(self, checkpoint: Mapping[str, Any]) -> None:
        unpack_state(checkpoint["state"], self.world.state)
        self.step_number = checkpoint["step"]
        if self.world.state.digest(self.step_number) != checkpoint["digest"]:
            raise CheckpointRefused("The checkpoint is damaged: its digest does not match its content.")
        self.world.place()
        self.latest = self._result(self.world.measure(), self.keyframe())

    def _frame(self, turn: pipeline.Turn) -> Frame:
        return self._camera.frame(turn.step, self.world.state, turn.delta)

    def _result(self, metrics: Metrics, frame: Frame, requests: int = 0, refused: int = 0) -> StepResult:
        digest = self.world.state.digest(self.step_number)
        return StepResult(self.step_number, metrics, digest, frame, self.world.finished(), requests, refused)


def shown_columns(scenario: Scenario) -> list[Shown]:
    """What viewers of a grid get: where everybody is, a colour, a mark."""
    view = scenario.view
    return [Shown(view.place, "u2"), Shown(view.colour, "u1"), Shown(view.mark, "u1")]


def policy_of(scenario: Scenario, name: str) -> Callable[..., Any]:
    """The builder of a named policy; raises UnknownPolicy with the names that there are."""
    try:
        return scenario.policies[name]
    except KeyError:
        offered = ", ".join(scenario.policies)
        raise UnknownPolicy(f"{scenario.name} offers these policies: {offered}; not {name!r}.") from None


def _check_origin(checkpoint: Mapping[str, Any], scenario: Scenario) -> None:
    if checkpoint.get("format") != FORMAT:
        raise CheckpointRefused(f"This is not a checkpoint of the form {FORMAT}.")
    origin = (checkpoint.get("scenario"), checkpoint.get("scenario_version"))
    if origin != (scenario.key, scenario.version):
        raise CheckpointRefused(
            f"The checkpoint is of {origin[0]} {origin[1]}, not of {scenario.key} {scenario.version}."
        )
    if missing := [name for name in _PARTS if name not in checkpoint]:
        raise CheckpointRefused(f"The checkpoint is damaged: it lacks {', '.join(missing)}.")
