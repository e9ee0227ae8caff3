"""The door to the runtime."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence

from agents.llm.types import Image
from agents.runtimes import harden
from agents.runtimes.checks import Problem, check, check_inputs, unknown_classes
from agents.runtimes.desk import AgentExecutor
from agents.runtimes.outcome import Bars, Complete, CrewResult, Hooks, StepOutput, ToolImpl
from agents.runtimes.spec import CrewSpec

SELDOM = 50_000, 4, 25  # objects until a collection, and how many of those until the next older generations


class SpecRefused(ValueError):
    """The crew or its inputs cannot run; `problems` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.detail}" for problem in problems))
        self.problems = problems


async def run_crew(  # noqa: PLR0913 - each by its name
    spec: CrewSpec,
    inputs: Mapping[str, str],
    *,
    complete: Complete,
    tools: Mapping[str, ToolImpl],
    hooks: Hooks,
    done: Mapping[str, StepOutput] | None = None,
    stock: bool = False,
    executors: Mapping[str, AgentExecutor] | None = None,
    bars: Bars | None = None,
    pictures: Sequence[Image] = (),
) -> CrewResult:
    """Run the tasks that `done` does not hold yet, on this event loop and in no other thread.

    Returns early, with the reason of RunStopped, when a hook stops the run. Cancelling the task that awaits this ends it at once.
    `executors` are the classes that agents may name (AgentSpec.library) to do their work instead of CrewAI's loop.
    `pictures` go with every question to a model in the tasks that see them (CrewSpec.seers).
    `bars` says why an agent may not hand work to others; without it all may that their definition lets.
    `stock` uses CrewAI's own executor, which needs a thread per task: the way back should ours be at fault.
    Raises SpecRefused before anything runs, LLMError when a model call fails, CrewFailed when the crew could not do its work.
    """
    classes = executors or {}
    if problems := [*check(spec, tools=tools), *check_inputs(spec, inputs), *unknown_classes(spec, classes)]:
        raise SpecRefused(problems)
    harden.load()  # first: another thread may be about it, and two that import CrewAI from two ends wait for each other
    from agents.runtimes.engine.run import execute
    from agents.runtimes.engine.session import Session

    session = Session(complete, hooks, "stock" if stock else "own", classes, bars or (lambda _: ""), tuple(pictures))
    return await execute(spec, spec.values(inputs), session, tools=tools, done=done or {})


def warm_up(*, for_good: bool = False) -> None:
    """Import CrewAI now (three seconds), so that the first run of a worker does not wait for it.

    `for_good`: this process does little else, so what is imported by now is left out of garbage collection, which also comes less often.
    With 500 runs at once that halves the CPU of a task (1.5 to 0.7 ms), for 0.02 MB more per run. What runs leave in circles (10 kB each)
    and survives a first collection goes with every fourth: 15 MB more after 1,000 runs of 32 clients; with every twentieth it was 32.
    """
    harden.load()
    from agents.runtimes.engine import run  # noqa: F401

    if for_good:
        gc.collect()
        gc.freeze()
        gc.collect()  # so that a full collection is not put off until a quarter as much as was frozen has come
        gc.set_threshold(*SELDOM)
