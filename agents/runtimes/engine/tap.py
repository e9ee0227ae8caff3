"""What CrewAI tells about tools, cut down to chosen fields. The rest of the story is told by our own classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from crewai.events.listeners.tracing.utils import set_suppress_tracing_messages
from crewai.events.stream_context import add_stream_sink, reset_stream_sinks
from crewai.events.types.tool_usage_events import (
    ToolUsageErrorEvent,
    ToolUsageEvent,
    ToolUsageFinishedEvent,
    ToolUsageStartedEvent,
)
from crewai_core.printer import set_suppress_console_output

from agents.runtimes.engine.session import Session, current

TEXT_SHOWN = 4_000


@contextmanager
def listening(session: Session, agents: Mapping[str, str]) -> Iterator[None]:
    """Events of this context, and of the threads that copy it, reach the session in order. `agents`: CrewAI id → name."""
    set_suppress_console_output(True)
    set_suppress_tracing_messages(True)
    token = add_stream_sink(_sink(session, agents))
    try:
        yield
    finally:
        reset_stream_sinks(token)


def _sink(session: Session, agents: Mapping[str, str]) -> Callable[[Any, Any], None]:
    def receive(_source: Any, event: Any) -> None:
        if isinstance(event, ToolUsageEvent):
            _tool_event(session, agents.get(event.agent_id or "", current.get().agent), event)

    return receive


def _tool_event(session: Session, agent: str, event: ToolUsageEvent) -> None:
    step = current.get()
    step.tool_calls += isinstance(event, ToolUsageStartedEvent)
    named = {"call": f"t{step.tool_calls}", "tool": event.tool_name}
    if isinstance(event, ToolUsageStartedEvent):
        session.emit("tool.started", agent, **named, arguments=event.tool_args)
    elif (failure := _failure(event)) is not None:
        step.tool_failures += 1
        session.emit("tool.failed", agent, **named, error=failure[:TEXT_SHOWN])
    elif isinstance(event, ToolUsageFinishedEvent):
        session.emit("tool.finished", agent, **named, output=str(event.output)[:TEXT_SHOWN])


def _failure(event: ToolUsageEvent) -> str | None:
    if isinstance(event, ToolUsageErrorEvent):
        return str(event.error)
    if isinstance(event, ToolUsageFinishedEvent) and event.failure:
        return str(event.failure.message)
    return None
