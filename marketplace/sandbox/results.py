"""What came of a play, read from the sandbox before it is cleared away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import fmean
from typing import Any

from marketplace.sandbox.staging import Stage
from projects.models import Effect, Run
from simulations.models import Simulation

MOST_TEXT = 20_000
MOST_STEPS = 60
MOST_TOOLS = 40


@dataclass(frozen=True, slots=True)
class Result:
    """`status` is that of the run; `transcript` has one entry for each task, or for each play of a scenario."""

    status: str
    problem: str = ""
    output: str = ""
    data: Any = None
    transcript: list[dict[str, Any]] = field(default_factory=list)
    provider: str = ""
    model: str = ""
    tokens: int = 0
    cost: Decimal = Decimal(0)
    seconds: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return self.status in {Run.Status.SUCCEEDED, Simulation.Status.COMPLETED}


def result_of(stage: Stage) -> Result | None:
    """None while it goes on."""
    if stage.simulations:
        return _played(list(Simulation.objects.filter(pk__in=stage.simulations).order_by("seed")))
    run = Run.objects.filter(pk__in=stage.copies).first()
    if run is None:
        return Result("failed", "Its run is gone from the sandbox.")
    if run.status == Run.Status.WAITING:
        return Result("waiting", "It waits for a person, and in the sandbox there is none.", transcript=_steps(run))
    return _run_result(run) if run.has_ended else None


def so_far(stage: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The steps that are done of a play that goes on. Called in the sandbox's schema."""
    at = Stage.model_validate(stage)
    run = Run.objects.filter(pk__in=at.copies).first()
    if run is not None:
        return _steps(run)
    plays = Simulation.objects.filter(pk__in=at.simulations).order_by("seed")
    return [_play_step(play) for play in plays]


def _run_result(run: Run) -> Result:
    begun, ended = run.started_at or run.created_at, run.finished_at or run.updated_at
    return Result(
        status=run.status,
        problem=run.stop_detail,
        output=run.output[:MOST_TEXT],
        data=run.output_json,
        transcript=_steps(run),
        provider=run.provider,
        model=run.model,
        tokens=run.total_tokens,
        cost=run.cost,
        seconds=(ended - begun).total_seconds(),
    )


def _steps(run: Run) -> list[dict[str, Any]]:
    tools: dict[str, list[dict[str, Any]]] = {}
    for effect in Effect.objects.filter(run=run).order_by("created_at")[:MOST_TOOLS]:
        used = {
            "tool": effect.tool,
            "arguments": effect.arguments,
            "state": effect.state,
            "answer": effect.answer[:2_000],
        }
        tools.setdefault(effect.task, []).append(used)
    return [
        {
            "task": step.task,
            "agent": step.agent,
            "output": step.output[:MOST_TEXT],
            "tools": tools.get(step.task, []),
            "tokens": step.prompt_tokens + step.completion_tokens,
            "seconds": round(step.seconds, 3),
        }
        for step in run.steps.all()[:MOST_STEPS]
    ]


def _played(plays: list[Simulation]) -> Result | None:
    if not all(play.has_ended for play in plays):
        return None
    failed = next((play for play in plays if play.status != Simulation.Status.COMPLETED), None)
    means = {} if failed else _means(plays)
    return Result(
        status=failed.status if failed else Simulation.Status.COMPLETED,
        problem=failed.stop_detail if failed else "",
        output="\n".join(f"- {name.replace('_', ' ')}: {value:.4g}" for name, value in means.items()),
        transcript=[_play_step(play) for play in plays],
        seconds=sum(((p.finished_at or p.updated_at) - (p.started_at or p.created_at)).total_seconds() for p in plays),
        metrics=means,
    )


def _play_step(play: Simulation) -> dict[str, Any]:
    return {"task": play.title, "seed": play.seed, "steps": play.step, "metrics": play.metrics, "digest": play.digest}


def _means(plays: list[Simulation]) -> dict[str, float]:
    """The mean of each measure over the plays, at their last steps."""
    names = plays[0].metrics.keys() if plays else ()
    return {
        name: fmean(float(play.metrics[name]) for play in plays) for name in names if _is_number(plays[0].metrics[name])
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
