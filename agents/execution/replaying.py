"""A run that is played again from its record: what is not on record is asked of nobody, and stops it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from agents.execution.recording import hash_of, reply_from_json, request_as_json
from agents.execution.using import from_record
from agents.llm.types import LLMError, OnText, Reply, Request, ToolSpec
from agents.runtimes.outcome import Ask, CallId, Complete, ToolImpl, User
from agents.runtimes.spec import CrewSpec
from agents.tools.calling import callable_name
from agents.tools.house import TOOLS
from agents.tools.servers.tools import called
from agents.tools.web import HTTP_REQUEST, METHODS
from projects.ledger import Ledger
from projects.models import ModelCall, Run, RunEvent
from projects.replaying import strict
from projects.work.threads import in_workspace

WRITTEN_BY_CREWAI = frozenset({"properties", "required", "additionalProperties"})


def is_replay(ledger: Ledger) -> bool:
    return ledger.run.origin == Run.Origin.REPLAY


def recorded_models(ledger: Ledger) -> Complete:
    """In the gateway's place. Raises what a call failed with then, and ReplayDiverged for a question that is not on record."""

    async def complete(request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        ledger.check()
        asked = request_as_json(request)
        known = ledger.recorded.call(call.key, hash_of(asked))
        if known is None:
            failures = await in_workspace(ledger.schema, failures_of, ledger.run.parent_id)
            if call.key in failures:
                raise failures[call.key]
            at = {"key": call.key, "task": call.task, "agent": call.agent}
            raise await in_workspace(ledger.schema, strict.another_question, ledger.run_id, asked=asked, **at)
        reply = reply_from_json(known.reply)
        if on_text is not None and reply.text:
            on_text(reply.text)
        return reply

    return complete


def failures_of(run_id: UUID | None) -> dict[str, LLMError]:
    """What the model calls of a run failed with that got no answer, by key, where the crew went on all the same."""
    failed = RunEvent.objects.filter(run=run_id, type="model.call", data__failed=True).order_by("seq")
    return dict(_failure(told) for told in failed.values_list("data", flat=True))


def _failure(told: Mapping[str, Any]) -> tuple[str, LLMError]:
    """A call is told of as `m2` by who answers for the task, else as `<agent>/m2`."""
    number = int(str(told["call"]).rpartition("/")[2].removeprefix("m"))
    failure = LLMError(told["error"])
    failure.code = told["code"]
    return CallId(told["task"], told["agent"], number).key, failure


async def recorded_tools(spec: CrewSpec, ledger: Ledger) -> dict[str, ToolImpl]:
    """In the tools' place, by name; a tool that this house does not have any more is described as it was to the models."""
    used = {name for agent in spec.agents for name in agent.tools} | {name for t in spec.tasks for name in t.tools}
    told = await in_workspace(ledger.schema, _described, ledger.run_id) if used else {}
    theirs = _as_watched(told, ledger)
    specs = {name: _spec_then(name, told, theirs) for name in used}
    return {name: ToolImpl(tool, partial(_use, ledger, tool.name)) for name, tool in specs.items()}


def _spec_then(name: str, told: Mapping[str, ToolSpec], theirs: Mapping[str, ToolSpec]) -> ToolSpec:
    """The tool in the words that models were given: another version of this house may describe its own otherwise.

    One that no model was offered, as its task was skipped, only has to be there.
    """
    if name in TOOLS:
        ours, then = TOOLS[name].spec, told.get(name, TOOLS[name].spec)
        parameters = ours.parameters if _told(ours.parameters) == _told(then.parameters) else then.parameters
        return replace(ours, description=then.description, parameters=parameters)
    known = next((theirs[each] for each in (called(name), callable_name(name)) if each in theirs), None)
    return known or ToolSpec(callable_name(name), "No model was offered this tool.", {"type": "object"})


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
    known = ledger.recorded.effect(user.key, tool, hash_of(dict(arguments)))
    if known is None:
        at = {"key": user.key, "task": user.task, "agent": user.agent, "tool": tool}
        raise await in_workspace(ledger.schema, strict.another_use, ledger.run_id, arguments=arguments, **at)
    return from_record(known)


def _described(run_id: UUID) -> dict[str, ToolSpec]:
    offered = ModelCall.objects.filter(run_id=run_id).values_list("request__tools", flat=True)
    tools = [tool for tools in offered for tool in tools or ()]
    return {tool["name"]: ToolSpec(tool["name"], tool["description"], _told(tool["parameters"])) for tool in tools}


def _told(schema: Any) -> Any:
    """A schema without what CrewAI writes into each that it shows to models: that every name is required, and that there is no other.

    What was left out then is not refused now. That list alone has the order of the names, which a JSON column does not keep.
    """
    if isinstance(schema, list):
        return [_told(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    names = {name: _told(part) for name, part in schema.get("properties", {}).items()}
    order = dict.fromkeys(name for name in [*schema.get("required", ()), *names] if name in names)
    rest = {key: _told(part) for key, part in schema.items() if key not in WRITTEN_BY_CREWAI}
    return rest | ({"properties": {name: names[name] for name in order}} if names else {})
