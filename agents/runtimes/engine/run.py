"""A crew from its first task to its result."""

from __future__ import annotations

from collections.abc import Mapping

from crewai.events.listeners.tracing.utils import set_suppress_tracing_messages
from crewai_core.printer import set_suppress_console_output

from agents.runtimes.engine.crew import CrewRun
from agents.runtimes.engine.order import in_order
from agents.runtimes.engine.session import Halted, Session
from agents.runtimes.outcome import CrewResult, RunStopped, StepOutput, ToolImpl
from agents.runtimes.spec import CrewSpec


async def execute(
    spec: CrewSpec, session: Session, *, tools: Mapping[str, ToolImpl], done: Mapping[str, StepOutput]
) -> CrewResult:
    """`spec` has its placeholders filled."""
    set_suppress_console_output(True)
    set_suppress_tracing_messages(True)
    run = CrewRun(spec, session, tools, done)
    try:
        last = await in_order(run)
    except Halted as halted:
        if isinstance(halted.cause, RunStopped):
            return _result(run, StepOutput(""), halted.cause.reason)
        raise halted.cause from None
    return _result(run, last, "iteration_limit" if run.limited else "completed")


def _result(run: CrewRun, last: StepOutput, reason: str) -> CrewResult:
    session = run.session
    return CrewResult(
        output=last.text,
        output_json=last.data,
        steps=tuple(session.steps),
        usage=session.usage,
        cost=session.cost,
        stop_reason=reason,
        limited=run.limited,
    )
