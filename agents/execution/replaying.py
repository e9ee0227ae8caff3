"""A run that is played again from its record: what is not on record is asked of nobody, and stops it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from agents.execution.recording import hash_of, reply_from_json, request_as_json
from agents.llm.types import LLMError, OnText, Reply, Request, ToolSpec
from agents.runtimes.outcome import Ask, CallId, Complete, ToolFailed, ToolImpl, User
from agents.runtimes.spec import CrewSpec
from agents.tools.house import TOOLS
from agents.tools.servers.tools import called
from agents.tools.web import HTTP_REQUEST, METHODS
from projects.ledger import Ledger
from projects.models import Effect, ModelCall, Run, RunEvent
from projects.replaying import strict
from projects.work.threads import in_workspace


def is_replay(ledger: Ledger) -> bool:
    return ledger.run.origin == Run.Origin.REPLAY


def recorded_models(ledger: Ledger) -> Complete:
    """In the gateway's place. Raises what a call failed with then, and ReplayDiverged for a question that is not on record."""

    async def complete(request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        ledger.check()
        asked = request_as_json(request)
        known = ledger.recorded.call(call.key, hash_of(asked))
        if known is None:
            if (failure := await in_workspace(ledger.schema, _failed_then, ledger.run.parent_id, call)) is not None:
                raise failure
            at = {"key": call.key, "task": call.task, "agent": call.agent}
            raise await in_workspace(ledger.schema, strict.another_question, ledger.run_id, asked=asked, **at)
        reply = reply_from_json(known.reply)
        if on_text is not None and reply.text:
            on_text(reply.text)
        return reply

    return complete


def _failed_then(run_id: UUID | None, call: CallId) -> LLMError | None:
    """What the call ended with in the run that is replayed, where it got no answer and the crew went on all the same."""
    names = [f"m{call.number}", f"{call.agent}/m{call.number}"]
    told = RunEvent.objects.filter(
        run=run_id, type="model.call", data__failed=True, data__task=call.task, data__agent=call.agent
    )
    last = told.filter(data__call__in=names).order_by("seq").last()
    if last is None:
        return None
    failure = LLMError(last.data["error"])
    failure.code = last.data["code"]
    return failure


async def recorded_tools(spec: CrewSpec, ledger: Ledger) -> dict[str, ToolImpl]:
    """In the tools' place, by name; a tool that this house does not have any more is described as it was to the models."""
    used = {name for agent in spec.agents for name in agent.tools} | {name for t in spec.tasks for name in t.tools}
    specs = {name: TOOLS[name].spec for name in used if name in TOOLS}
    if used - specs.keys():
        told = _as_watched(await in_workspace(ledger.schema, _described, ledger.run_id), ledger)
        specs = {name: told[called(name)] for name in used if called(name) in told} | specs
    return {name: ToolImpl(specs[name], partial(_use, ledger, name)) for name in used if name in specs}


def _as_watched(told: Mapping[str, ToolSpec], ledger: Ledger) -> dict[str, ToolSpec]:
    """What tools of others bring in and send out, as far as a person was asked for it then."""
    details = [question.details for question in ledger.recorded.questions.values()]
    asked = [each for each in details if each.get("outside")]
    brought, sent = {each["outside"] for each in asked}, {each["tool"] for each in asked}
    return {
        name: replace(spec, brings_in=name in brought, sends_out=name in sent, reads_with=_reads_with(spec))
        for name, spec in told.items()
    }


def _reads_with(spec: ToolSpec) -> tuple[str, frozenset[str]]:
    """A tool that takes HTTP's methods is `http_request` under another name."""
    methods = spec.parameters.get("properties", {}).get("method", {}).get("enum")
    return HTTP_REQUEST.spec.reads_with if methods == list(METHODS) else ("", frozenset())


def refuse_unasked(ledger: Ledger, question: Ask) -> None:
    """A replay waits for nobody. Raises ReplayDiverged for a question to a person that is not on record."""
    known = ledger.recorded.questions.get(question.key)
    if is_replay(ledger) and (known is None or known.answer is None):
        raise strict.another_person(task=question.task, text=question.text)


async def _use(ledger: Ledger, tool: str, arguments: Mapping[str, Any], user: User) -> str:
    ledger.check()
    known = ledger.recorded.effect(user.key, hash_of(dict(arguments)))
    if known is None:
        at = {"key": user.key, "task": user.task, "agent": user.agent, "tool": tool}
        raise await in_workspace(ledger.schema, strict.another_use, ledger.run_id, arguments=arguments, **at)
    if known.state != Effect.State.DONE:
        raise ToolFailed(known.answer)
    return known.answer


def _described(run_id: UUID) -> dict[str, ToolSpec]:
    asked = ModelCall.objects.filter(run_id=run_id).values_list("request", flat=True)
    tools = [tool for request in asked for tool in request.get("tools") or ()]
    return {tool["name"]: ToolSpec(tool["name"], tool["description"], tool["parameters"]) for tool in tools}
