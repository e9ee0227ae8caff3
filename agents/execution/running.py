"""Carrying a run of a crew or an agent through, from its snapshot, on a worker's event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from agents.connections.gateways import follow
from agents.definitions import spec_in
from agents.execution import noticing, replaying
from agents.execution.calling import Caller
from agents.execution.equipping import equipped
from agents.execution.failing import advised
from agents.execution.hiring import executors_for
from agents.execution.leaves import Leaves, bound
from agents.execution.noticing import Failing
from agents.execution.permitting import Permitted
from agents.execution.sighting import UNSEEN, sight_of
from agents.execution.telling import LIMITED, Teller
from agents.llm.gateway import Gateway
from agents.llm.types import Image, LLMError
from agents.pictures.keeping import PictureLost, pictures_of
from agents.runtimes.crew import SpecRefused, run_crew
from agents.runtimes.outcome import Complete, CrewFailed, CrewResult, StepOutput, ToolImpl
from agents.runtimes.spec import CrewSpec, SpecInvalid
from projects import ledger as ledgers
from projects.ledger import Ledger, Waiting
from projects.models import Effect, Run
from projects.work.leases import Ending, Lease, LeaseLost
from projects.work.threads import in_workspace

IN_DOUBT = "A tool was begun and nobody knows whether it happened; look at its line."


async def run(lease: Lease) -> Ending:
    """Carry out work of the kinds `crew` and `agent`; a run that lost its worker goes on after its last finished task.

    Raises LeaseLost when it has to go back to the queue.
    """
    ledger = await Ledger.take(lease)
    if ledger is None:
        return "done"
    if lease.crashes:
        noticing.worker_lost(ledger)
    try:
        await _carry_through(ledger)
    except LeaseLost:
        if not lease.lost.is_set():
            await ledger.hand_back()
        raise
    finally:
        ledger.leave()
    return "done"


async def _carry_through(ledger: Ledger) -> None:
    failing: list[Failing] = []
    try:
        result = await _play(ledger, failing)
    except Waiting:
        await ledger.suspend()
    except ledgers.RunStopped as stop:
        noticing.ended(ledger, stop, failing)
        await ledger.stop(stop.status, stop.reason, stop.detail)
    except (LLMError, CrewFailed) as failure:
        noticing.ended(ledger, failure, failing)
        await ledger.stop(Run.Status.FAILED, failure.code, advised(failure.code, failure.detail))
    except (SpecInvalid, SpecRefused) as refusal:
        noticing.ended(ledger, refusal)
        await ledger.stop(Run.Status.FAILED, "definition", f"Its definition cannot run. {refusal}")
    else:
        await _succeed(ledger, result)


async def _play(ledger: Ledger, failing: list[Failing]) -> CrewResult:
    """Raises what ended the run early; by then `failing` holds the tasks that failed."""
    snapshot = ledger.run.snapshot
    permitted = Permitted(ledger, Leaves.of(snapshot))
    spec = bound(spec_in(snapshot), permitted.leaves)
    inputs = {name: str(value) for name, value in ledger.run.inputs.items()}
    teller = Teller(ledger, spec, snapshot.get("ids", {}), failing)
    try:
        async with _lent(ledger, spec, permitted) as lent:
            teller.begin()
            result = await run_crew(
                spec,
                inputs,
                complete=teller.guarding(lent.complete),
                tools={name: teller.guarding_tool(tool) for name, tool in lent.tools.items()},
                hooks=teller,
                done=_done(ledger),
                executors=executors_for(inputs),
                bars=partial(permitted.bars_delegation, spec),
                pictures=await _shown(ledger) if lent.sees else (),
            )
            return result if lent.sees else _without_looking(result)
    finally:
        if teller.stopped is not None:
            raise teller.stopped


class _Lent(NamedTuple):
    """`sees` is false where the run has pictures that nobody looks at."""

    complete: Complete
    tools: Mapping[str, ToolImpl]
    sees: bool


@asynccontextmanager
async def _lent(ledger: Ledger, spec: CrewSpec, permitted: Permitted) -> AsyncIterator[_Lent]:
    """Models and tools, or for a replay what they answered then. Raises RunStopped where no model can look at what the run is shown."""
    has_pictures = bool(ledger.run.pictures)
    if replaying.is_replay(ledger):
        sees = not (has_pictures and ledger.run.is_offline)
        yield _Lent(replaying.recorded_models(ledger), await replaying.recorded_tools(spec, ledger), sees)
        return
    following = await follow(ledger.schema, since=ledger.began)
    models = following.gateway
    allowed = models.only(permitted.leaves.crew.calls) or models
    described = allowed.describe()
    ledger.served_by(described.provider, described.model)
    if has_pictures and not described.is_offline:
        _check_sight(spec, allowed)
    complete = Caller(ledger, models, permitted=permitted, look_again=following.present)
    try:
        async with equipped(spec, ledger, complete, permitted) as tools:
            yield _Lent(complete, tools, sees=not (has_pictures and described.is_offline))
    finally:
        await complete.close()


def _check_sight(spec: CrewSpec, models: Gateway) -> None:
    """Before anything is paid for."""
    sight = sight_of(spec, models.routes)
    if sight.can is False:
        raise ledgers.RunStopped(Run.Status.FAILED, "no_sight", sight.detail)


async def _shown(ledger: Ledger) -> list[Image]:
    if not ledger.run.pictures:
        return []
    try:
        return [picture.shown() for picture in await in_workspace(ledger.schema, pictures_of, ledger.run)]
    except PictureLost as lost:
        raise ledgers.RunStopped(Run.Status.FAILED, "picture_lost", str(lost)) from lost


def _without_looking(result: CrewResult) -> CrewResult:
    """What keeps a success from being plain: the worse of two reasons stays."""
    return replace(result, stop_reason="pictures_unseen") if result.stop_reason == "completed" else result


def _done(ledger: Ledger) -> dict[str, StepOutput]:
    return {
        name: StepOutput(
            step.output,
            step.output_json,
            limited=step.limited,
            edited=step.edited,
            refused=_refused(ledger, name),
            outside=step.outside,
        )
        for name, step in ledger.recorded.steps.items()
    }


def _refused(ledger: Ledger, task: str) -> tuple[str, ...]:
    """The tools that a person refused to this task before the run went on."""
    asked = (each for each in ledger.recorded.questions.values() if each.task == task and each.kind == "approval")
    refused = (each for each in asked if (each.answer or {}).get("action") in {"feedback", "reject"})
    return tuple(dict.fromkeys(str(each.details.get("tool", "")) for each in refused))


async def _succeed(ledger: Ledger, result: CrewResult) -> None:
    reason, detail = _what_is_missing(ledger, result)
    await ledger.succeed(result.output, result.output_json, reason=reason, detail=detail)


def _what_is_missing(ledger: Ledger, result: CrewResult) -> tuple[str, str]:
    """The reason of a success, and what keeps it from being a plain one, in words."""
    if any(effect.state == Effect.State.NEEDS_REVIEW for effect in ledger.recorded.effects.values()):
        return "needs_review", IN_DOUBT
    said = {
        "partial": f"Not all tasks could be done: {_named(result.failed)}.",
        "iteration_limit": f"{LIMITED} Tasks: {_named(result.limited)}.",
        "round_limit": "The rounds that it may take were used up before it was done.",
        "tool_refused": "A tool that it wanted to use was refused.",
        "pictures_unseen": UNSEEN,
    }
    if result.stop_reason in said:
        return result.stop_reason, said[result.stop_reason]
    return "finished", ""


def _named(tasks: tuple[str, ...]) -> str:
    return ", ".join(f"“{name}”" for name in tasks)
