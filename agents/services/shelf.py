"""Taking an agent from the library into a workspace."""

from __future__ import annotations

from agents.execution.hiring import library
from agents.library.frame.base import BaseAgent
from agents.models import Agent
from agents.services.workers import create_agent
from tenants.access import Member
from tenants.errors import NotFound


def take_agent(*, name: str, called: str, by: Member) -> Agent:
    """An agent of this workspace whose work the class does; its texts and tools are the class's, to be changed like any other's."""
    found = class_called(name)
    fields = {
        "name": called or found.title,
        "role": found.role,
        "goal": found.goal,
        "backstory": found.backstory,
        "tools": list(found.tools),
        "library": found.name,
    }
    return create_agent(fields=fields, by=by)


def class_called(name: str) -> type[BaseAgent]:
    found = library().get(name)
    if found is None:
        raise NotFound("The library of this installation has no such agent.")
    return found
