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
    step, tool = current.get(), event.tool_name
    if isinstance(event, ToolUsageStartedEvent):
        step.tool_calls += 1
        session.emit("tool.started", agent, tool=tool, arguments=event.tool_args)
    elif isinstance(event, ToolUsageErrorEvent):
        step.tool_failures += 1
        session.emit("tool.failed", agent, tool=tool, error=str(event.error)[:TEXT_SHOWN])
    elif isinstance(event, ToolUsageFinishedEvent) and event.failure:
        step.tool_failures += 1
        session.emit("tool.failed", agent, tool=tool, error=event.failure.message[:TEXT_SHOWN])
    elif isinstance(event, ToolUsageFinishedEvent):
        session.emit("tool.finished", agent, tool=tool, output=str(event.output)[:TEXT_SHOWN])
