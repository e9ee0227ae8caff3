"""Carrying a run of a crew or an agent through, from its snapshot, in a worker."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from agents.definitions import spec_in
from agents.gateway import gateway
from agents.knowledge.tool import NAME as SEARCH
from agents.knowledge.tool import search_knowledge
from agents.llm.gateway import Gateway
from agents.llm.types import LLMError, OnText, Reply, Request
from agents.runtimes.crew import SpecRefused
from agents.runtimes.outcome import CrewFailed, CrewResult, StepOutput, ToolImpl, User
from agents.runtimes.spec import CrewSpec, SpecInvalid
from agents.runtimes.threaded import run_crew
from agents.telling import LIMITED, Teller
from agents.toolbox import TOOLS, Tool
from projects import ledger as ledgers
from projects.ledger import Ledger
from projects.models import Run
from projects.work.leases import Ending, Lease
from tenants.context import release_connection

CALL_SECONDS = 600.0


def run(lease: Lease) -> Ending:
    """Carry out work of the kinds `crew` and `agent`; a run that lost its worker goes on after its last finished task."""
    ledger = Ledger(lease)
    if not ledger.begin():
        return "done"
    try:
        result = _play(ledger)
    except ledgers.RunStopped as stop:
        ledger.stop(stop.status, stop.reason, stop.detail)
    except (LLMError, CrewFailed) as failure:
        ledger.stop(Run.Status.FAILED, failure.code, failure.detail)
    except (SpecInvalid, SpecRefused) as refusal:
        ledger.stop(Run.Status.FAILED, "definition", f"Its definition cannot run. {refusal}")
    else:
        _succeed(ledger, result)
    return "done"


def _play(ledger: Ledger) -> CrewResult:
    snapshot = ledger.run.snapshot
    spec = spec_in(snapshot)
    models = gateway()
    described = models.describe()
    ledger.served_by(described.provider, described.model)
    done = _done(ledger)
    teller = Teller(ledger, spec, snapshot.get("ids", {}), set(done))
    teller.begin()
    try:
        return run_crew(
            spec,
            {name: str(value) for name, value in ledger.run.inputs.items()},
            complete=_Complete(models, ledger.run.deadline_at),
            tools=_tools(spec, ledger, snapshot.get("collections", {})),
            hooks=teller,
            done=done,
        )
    finally:
        if teller.stopped is not None:
            raise teller.stopped


def _done(ledger: Ledger) -> dict[str, StepOutput]:
    limited = set(ledger.run.agent_runs.filter(note=LIMITED).values_list("task", flat=True))
    return {
        name: StepOutput(step.output, step.output_json, limited=name in limited)
        for name, step in ledger.done_steps().items()
    }


def _succeed(ledger: Ledger, result: CrewResult) -> None:
    if result.limited:
        names = ", ".join(f"“{name}”" for name in result.limited)
        ledger.succeed(result.output, result.output_json, reason="iteration_limit", detail=f"{LIMITED} Tasks: {names}.")
    else:
        ledger.succeed(result.output, result.output_json)


class _Complete:
    """The gateway with the run's deadline; the database connection is given back before each call."""

    def __init__(self, gateway: Gateway, deadline_at: datetime | None) -> None:
        self._gateway = gateway
        left = (deadline_at - timezone.now()).total_seconds() if deadline_at else CALL_SECONDS
        self._ends = time.monotonic() + left

    def __call__(self, request: Request, *, on_text: OnText | None = None) -> Reply:
        release_connection()
        deadline = min(self._ends, time.monotonic() + CALL_SECONDS)
        return self._gateway.complete(request, deadline=deadline, on_text=on_text)


def _tools(spec: CrewSpec, ledger: Ledger, collections: Mapping[str, list[str] | None]) -> dict[str, ToolImpl]:
    used = {name for agent in spec.agents for name in agent.tools} | {name for t in spec.tasks for name in t.tools}
    tools = {name: ToolImpl(tool.spec, partial(_run, tool)) for name, tool in TOOLS.items() if name in used}
    if SEARCH in tools:
        tools[SEARCH] = ToolImpl(TOOLS[SEARCH].spec, partial(_search, ledger, collections))
    return tools


def _run(tool: Tool, arguments: Mapping[str, Any], user: User) -> str:
    assert tool.run is not None, "tools that need the run are brought by _tools"  # noqa: S101 - for the type checker
    return tool.run(arguments)


def _search(
    ledger: Ledger, collections: Mapping[str, list[str] | None], arguments: Mapping[str, Any], user: User
) -> str:
    allowed = collections.get(user.agent)
    ids = None if allowed is None else [UUID(each) for each in allowed]
    emit = partial(ledger.emit, task=user.task, agent=user.agent)
    try:
        return search_knowledge(arguments, collection_ids=ids, emit=emit)
    finally:
        release_connection()
