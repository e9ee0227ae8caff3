"""The tools of this house, by name: what a model is told, what a person is told, what they may touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agents.arithmetic import FUNCTIONS, LONGEST, calculate
from agents.knowledge import tool as knowledge
from agents.llm.types import ToolSpec
from agents.runtimes.outcome import ToolFailed


@dataclass(frozen=True, slots=True)
class Tool:
    """`run` is None for a tool that needs the run around it; the execution brings it along."""

    title: str
    summary: str
    permissions: tuple[str, ...]
    spec: ToolSpec
    run: Callable[[Mapping[str, Any]], str] | None = None


def current_date(arguments: Mapping[str, Any]) -> str:
    """Say what day and time it is. Raises ToolFailed for a time zone that does not exist."""
    name = str(arguments.get("timezone") or "UTC")
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ToolFailed(f"There is no time zone “{name[:60]}”. Use a name such as Europe/Berlin, or UTC.") from error
    return f"{datetime.now(zone):%A, %Y-%m-%d %H:%M} ({name})"


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


TOOLS: Mapping[str, Tool] = MappingProxyType(
    {
        knowledge.NAME: Tool(
            title="Search the documents",
            summary="Finds passages in the workspace's documents and gives each with its citation.",
            permissions=("knowledge:read",),
            spec=knowledge.SPEC,
        ),
        "calculator": Tool(
            title="Calculator",
            summary="Works out arithmetic exactly; it touches nothing.",
            permissions=(),
            spec=ToolSpec(
                "calculator",
                "Work out arithmetic, as in 18.4 * 1000 / 24 or sqrt(2). Functions: "
                + ", ".join(sorted(FUNCTIONS))
                + ".",
                _object(["expression"], expression={"type": "string", "minLength": 1, "maxLength": LONGEST}),
            ),
            run=calculate,
        ),
        "current_date": Tool(
            title="Date and time",
            summary="Tells the date and the time; it touches nothing.",
            permissions=(),
            spec=ToolSpec(
                "current_date",
                "Tell today's date, the weekday and the time.",
                _object(
                    [], timezone={"type": "string", "maxLength": 60, "description": "As in Europe/Berlin; default UTC."}
                ),
            ),
            run=current_date,
        ),
    }
)
