"""Tools under names of their own: made, changed and removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from agents.models import Agent, Task
from agents.tools.house import TOOLS
from agents.tools.models import ConfiguredTool
from agents.tools.presets import faults
from agents.tools.reading import base_tools
from tenants import audit
from tenants.access import Member, require_builder
from tenants.errors import Conflict, FieldError, Invalid, WrongState

MOST_TOOLS = 100


@dataclass(frozen=True, slots=True)
class NewTool:
    """A tool to configure; `grants` None for one that nobody installed."""

    name: str
    title: str
    summary: str
    tool: str
    settings: dict[str, Any] = field(default_factory=dict)
    grants: tuple[str, ...] | None = None
    bounds: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    manifest_digest: str = ""


@transaction.atomic
def configure_tool(*, new: NewTool, by: Member) -> ConfiguredTool:
    """Put a tool on the list of this workspace, to be given to agents by its name."""
    require_builder(by)
    if ConfiguredTool.objects.count() >= MOST_TOOLS:
        raise Invalid(f"A workspace has at most {MOST_TOOLS} tools of its own; remove one first.")
    row = _filled(ConfiguredTool(name=new.name), new)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise _taken(new.name) from None
    audit.record("tool.configured", row, by=by, tool=new.tool, source=new.source)
    return row


@transaction.atomic
def replace_tool(*, tool: ConfiguredTool, new: NewTool, by: Member) -> ConfiguredTool:
    """Make it what `new` says, under the name that it has: agents keep it."""
    require_builder(by)
    row = _filled(ConfiguredTool.objects.select_for_update().get(pk=tool.pk), new)
    row.save()
    audit.record("tool.changed", row, by=by, tool=new.tool, source=new.source)
    return row


@transaction.atomic
def remove_tool(*, tool: ConfiguredTool, by: Member) -> None:
    """Take it off the list. Refused while an agent or a task has it."""
    require_builder(by)
    user = _user_of(tool.name)
    if user:
        raise WrongState(f"{user} uses the tool “{tool.name}”. Take it away from there first.", code="in_use")
    audit.record("tool.removed", tool, by=by)
    tool.delete()


def _filled(row: ConfiguredTool, new: NewTool) -> ConfiguredTool:
    """The row with what `new` says. Raises Invalid where its settings do not fit."""
    if row.name in TOOLS:
        raise _taken(row.name)
    base = base_tools().get(new.tool)
    if base is None:
        raise Invalid(f"There is no tool “{new.tool}” here.", errors=[_fault("tool", f"There is no {new.tool}.")])
    if wrong := list(faults(new.settings, base)):
        raise Invalid(wrong[0], errors=[_fault("settings", each) for each in wrong])
    row.title, row.summary, row.tool, row.settings = new.title, new.summary, new.tool, dict(new.settings)
    row.grants = None if new.grants is None else sorted(new.grants)
    row.bounds = dict(new.bounds)
    row.source, row.manifest_digest = new.source, new.manifest_digest
    return row


def _user_of(name: str) -> str:
    """Who has the tool, as the beginning of a sentence; empty for nobody."""
    agent = Agent.objects.filter(tools__contains=[name]).first()
    if agent is not None:
        return f"The agent “{agent.name}”"
    task = Task.objects.filter(Q(tools__contains=[name]) | Q(ask_before_tools__contains=[name])).first()
    return f"The task “{task.name}”" if task else ""


def _taken(name: str) -> Conflict:
    detail = f"There is a tool named “{name}” already."
    return Conflict(detail, errors=[FieldError("name", "taken", detail)])


def _fault(name: str, detail: str) -> FieldError:
    return FieldError(name, "invalid", detail)
