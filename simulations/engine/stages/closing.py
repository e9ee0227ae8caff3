"""The books of a step are closed."""

from __future__ import annotations

from simulations.engine.stages.turn import Turn


class Record:
    """Take the metrics; only then close the state's books, so that a step with a bad metric never was."""

    name = "record"
    each_round = False

    async def __call__(self, turn: Turn) -> None:
        turn.metrics = turn.world.end()
        turn.delta = turn.world.state.commit()


class Publish:
    """Nothing by itself: whoever watches is given the result when the step is over. A place for stages that tell more."""

    name = "publish"
    each_round = False

    async def __call__(self, turn: Turn) -> None:
        turn.batches.clear()
        turn.groups.clear()
