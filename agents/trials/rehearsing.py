"""A crew played with the answers of an earlier run, noting where it asks something else than that run did.

No model, no tool and no person is asked, and nothing is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from agents.execution.hiring import executors_for
from agents.execution.recording import hash_of, reply_from_json, request_as_json
from agents.execution.using import from_record
from agents.llm.types import Image, LLMError, OnText, Reply, Request, ToolSpec
from agents.runtimes.crew import run_crew
from agents.runtimes.outcome import (
    Answer,
    Ask,
    CallId,
    RunStopped,
    RuntimeEvent,
    StepOutput,
    StepResult,
    ToolImpl,
    User,
)
from agents.runtimes.spec import CrewSpec
from projects.models import Effect

OFF_RECORD = "off_record"


@dataclass(frozen=True, slots=True)
class Kept:
    """A recorded model call: what was asked, its hash, and the answer."""

    request: Mapping[str, Any]
    request_hash: str
    reply: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """What a run has on record, by key: model calls and what those failed with that got no answer, uses of tools, answers of people.

    `given` are the outputs that nobody asked a model for: a person wrote them, or another run before it.
    """

    calls: Mapping[str, Kept] = field(default_factory=dict)
    failures: Mapping[str, LLMError] = field(default_factory=dict)
    tools: Mapping[str, Effect] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    given: Mapping[str, StepOutput] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskedOtherwise:
    """A model call whose question is not the recorded one."""

    before: Mapping[str, Any]
    now: Mapping[str, Any]


@dataclass(slots=True)
class Rehearsal:
    """What came out. `off_record` says, per task, what it wanted that is not on record; the play ends there."""

    record: Record
    outputs: dict[str, str] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    otherwise: dict[str, list[AskedOtherwise]] = field(default_factory=lambda: defaultdict(list))
    off_record: dict[str, str] = field(default_factory=dict)

    # Hooks and gateway of the runtime

    def check(self) -> None:
        """Nothing stops a rehearsal from outside; it is over in a moment."""

    def event(self, event: RuntimeEvent) -> None:
        """Its story is not told."""

    async def step_done(self, step: StepResult) -> None:
        self.outputs[step.task] = step.output.text

    async def ask(self, question: Ask) -> Answer:
        kept = self.record.people.get(question.key)
        if kept is None:
            self._leave(question.task, f"It asks a person: {question.text[:300]}")
        return Answer(kept["action"], kept.get("text", ""), kept.get("data"))

    async def complete(self, request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        """The recorded answer to this call, also where the question has changed: what follows can be compared then."""
        self.calls[call.task] += 1
        kept, failed = self.record.calls.get(call.key), self.record.failures.get(call.key)
        if kept is None and failed is not None:
            raise failed
        if kept is None:
            self._leave(call.task, f"{call.agent} asks a model more often than it did.")
        asked = request_as_json(request)
        if hash_of(asked) != kept.request_hash:
            self.otherwise[call.task].append(AskedOtherwise(kept.request, asked))
        return reply_from_json(kept.reply)

    async def use(self, name: str, arguments: Mapping[str, Any], user: User) -> str:
        known = self.record.tools.get(user.key)
        if known is None or known.tool != name:
            self._leave(user.task, f"{user.agent} uses {name}, which it did not then.")
        return from_record(known)

    def _leave(self, task: str, detail: str) -> NoReturn:
        self.off_record.setdefault(task, detail)
        raise RunStopped(OFF_RECORD)


async def rehearse(
    spec: CrewSpec,
    inputs: Mapping[str, str],
    record: Record,
    tools: Mapping[str, ToolSpec],
    pictures: Sequence[Image] = (),
) -> Rehearsal:
    """Raises SpecRefused when the crew or its inputs cannot run, CrewFailed when it cannot do its work with these answers."""
    given = {name: output for name, output in record.given.items() if any(task.name == name for task in spec.tasks)}
    rehearsal = Rehearsal(record, {name: output.text for name, output in given.items()})
    lent = {name: ToolImpl(tool, _using(rehearsal, tool.name)) for name, tool in tools.items()}
    await run_crew(
        spec,
        inputs,
        complete=rehearsal.complete,
        tools=lent,
        hooks=rehearsal,
        done=given,
        executors=executors_for(inputs),
        pictures=pictures,
    )
    return rehearsal


def _using(rehearsal: Rehearsal, name: str) -> Any:
    async def use(arguments: Mapping[str, Any], user: User) -> str:
        return await rehearsal.use(name, arguments, user)

    return use
