"""A crew from its first task to its result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from crewai.events.listeners.tracing.utils import set_suppress_tracing_messages
from crewai_core.printer import set_suppress_console_output

from agents.runtimes.engine.adaptive import adaptively
from agents.runtimes.engine.crew import NOTHING, CrewRun
from agents.runtimes.engine.order import in_order
from agents.runtimes.engine.parallel import in_parallel
from agents.runtimes.engine.session import Halted, Session
from agents.runtimes.outcome import CrewResult, RunStopped, StepOutput, ToolImpl
from agents.runtimes.spec import CrewSpec, Process

STRATEGIES: Mapping[Process, Callable[[CrewRun], Awaitable[StepOutput]]] = {
    "sequential": in_order,
    "hierarchical": in_order,
    "parallel": in_parallel,
    "adaptive": adaptively,
}


async def execute(
    spec: CrewSpec,
    values: Mapping[str, str],
    session: Session,
    *,
    tools: Mapping[str, ToolImpl],
    done: Mapping[str, StepOutput],
) -> CrewResult:
    """`values` are what the placeholders stand for."""
    set_suppress_console_output(True)
    set_suppress_tracing_messages(True)
    run = CrewRun(spec, values, session, tools, done)
    try:
        last = await STRATEGIES[spec.process](run)
    except Halted as halted:
        cause = session.fault or halted.cause
        if isinstance(cause, RunStopped):
            return _result(run, NOTHING, cause.reason)
        raise cause from None
    return _result(run, last, _reason(run))


def _reason(run: CrewRun) -> str:
    if run.failed:
        return "partial"
    if run.unfinished:
        return "round_limit"
    if _named(run, lambda output: output.limited):
        return "iteration_limit"
    return "tool_refused" if _named(run, lambda output: bool(output.refused)) else "completed"


def _named(run: CrewRun, is_such: Callable[[StepOutput], bool]) -> tuple[str, ...]:
    return tuple(task.name for task in run.spec.tasks if is_such(run.outputs.get(task.name, NOTHING)))


def _result(run: CrewRun, last: StepOutput, reason: str) -> CrewResult:
    session = run.session
    return CrewResult(
        output=last.text,
        output_json=last.data,
        steps=tuple(session.steps),
        usage=session.usage,
        cost=session.cost,
        stop_reason=reason,
        limited=_named(run, lambda output: output.limited),
        failed=tuple(task.name for task in run.spec.tasks if task.name in run.failed),
        skipped=tuple(task.name for task in run.spec.tasks if task.name in run.skipped),
    )
