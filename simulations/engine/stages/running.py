"""A turn goes through the stages: some once for the step, those in the middle once for every round."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from simulations.engine.stages.turn import Stage, Turn


async def go_through(stages: Sequence[Stage], turn: Turn) -> None:
    """Each stage is timed. Raises what a stage raises, and goes no further."""
    inner = [stage for stage in stages if stage.each_round]
    first = next((place for place, stage in enumerate(stages) if stage.each_round), len(stages))
    for stage in stages[:first]:
        await _timed(stage, turn)
    for number in range(len(turn.rounds)):
        turn.round = turn.rounds[number]
        turn.batches, turn.groups = {}, []
        for stage in inner:
            await _timed(stage, turn)
    for stage in stages[first:]:
        if not stage.each_round:
            await _timed(stage, turn)


async def _timed(stage: Stage, turn: Turn) -> None:
    begun = perf_counter()
    await stage(turn)
    turn.timings[stage.name] = turn.timings.get(stage.name, 0.0) + perf_counter() - begun
