"""What day it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agents.llm.types import ToolSpec
from agents.runtimes.outcome import ToolFailed, User
from agents.tools.context import ToolContext
from agents.tools.registry import Run, Tool, arguments_of


def current_date(arguments: Mapping[str, Any]) -> str:
    """Say what day and time it is. Raises ToolFailed for a time zone that does not exist."""
    name = str(arguments.get("timezone") or "UTC")
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ToolFailed(f"There is no time zone “{name[:60]}”. Use a name such as Europe/Berlin, or UTC.") from error
    return f"{datetime.now(zone):%A, %Y-%m-%d %H:%M} ({name})"


def _make(_context: ToolContext) -> Run:
    async def run(arguments: Mapping[str, Any], _user: User) -> str:
        return current_date(arguments)

    return run


TOOL = Tool(
    title="Date and time",
    summary="Tells the date and the time; it touches nothing.",
    permissions=(),
    spec=ToolSpec(
        "current_date",
        "Tell today's date, the weekday and the time.",
        arguments_of(
            [], timezone={"type": "string", "maxLength": 60, "description": "As in Europe/Berlin; default UTC."}
        ),
        acts=False,
    ),
    make=_make,
)
