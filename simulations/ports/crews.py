"""A crew of agents that talks one situation over, played by the runtime that plays a workspace's crews."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import orjson

from agents.execution.recording import hash_of, reply_as_json, reply_from_json, request_as_json
from agents.llm.types import OnText, Reply, Request
from agents.runtimes.crew import SpecRefused, run_crew
from agents.runtimes.outcome import Answer, Ask, CallId, CrewFailed, CrewResult, RunStopped, RuntimeEvent, StepResult
from agents.runtimes.spec import AgentSpec, CrewSpec, TaskSpec
from projects.work.threads import in_workspace
from simulations.engine.decisions import CrewQuestion, ModelAnswer, ModelFailed
from simulations.models import PaidCall
from simulations.ports.meter import Meter

MOST_ITERATIONS = 4
EXPECTED = "One JSON object that fits the schema, and nothing else."


class RuntimeCrews:
    """The engine's port to crews. Each call of a crew is kept as it comes, so that one cut off is not paid for again."""

    def __init__(self, meter: Meter, *, schema: str, scenario_digest: str, model: str = "") -> None:
        self._meter = meter
        self._schema = schema
        self._digest = scenario_digest
        self._model = model

    async def deliberate(self, question: CrewQuestion) -> ModelAnswer:
        """Raises ModelFailed."""
        deliberation = _Deliberation(self._meter, self._schema, self._digest, _place_of(question))
        began = time.monotonic()
        try:
            result = await run_crew(
                _crew(question, question.model or self._model),
                {},
                complete=deliberation.complete,
                tools={},
                hooks=deliberation,
            )
        except (CrewFailed, SpecRefused) as failure:
            raise deliberation.failed(str(failure)) from failure
        return deliberation.answer(result, time.monotonic() - began)


class _Deliberation:
    """Hooks and gateway of one crew: nobody stops it, nobody is asked, its story is its answers."""

    def __init__(self, meter: Meter, schema: str, digest: str, place: str) -> None:
        self._meter, self._schema, self._digest, self._place = meter, schema, digest, place
        self._models: dict[str, None] = {}
        self._prompt = self._completion = 0
        self._cost = Decimal(0)

    async def complete(self, request: Request, *, call: CallId, on_text: OnText | None = None) -> Reply:
        key = self._key(request, call)
        kept = await in_workspace(self._schema, self._kept, key)
        reply = kept or await self._meter.complete(request, key.hex())
        if kept is None:
            await in_workspace(self._schema, self._keep, key, reply)
            self._count(reply)
        self._models[f"{reply.provider}/{reply.model}"] = None
        if on_text is not None and reply.text:
            on_text(reply.text)
        return reply

    def check(self) -> None:
        """The play stops between steps."""

    def event(self, event: RuntimeEvent) -> None:
        """The exchange of the decision says what came out."""

    async def step_done(self, step: StepResult) -> None:
        """One task: its output is the result."""

    async def ask(self, question: Ask) -> Answer:
        raise RunStopped("nobody")

    def answer(self, result: CrewResult, seconds: float) -> ModelAnswer:
        value = result.output_json if result.output_json is not None else self._decoded(result.output)
        models = ", ".join(self._models)
        return ModelAnswer(value, result.output, models, self._prompt, self._completion, self._cost, seconds)

    def failed(self, detail: str) -> ModelFailed:
        return ModelFailed(
            "malformed",
            detail,
            prompt_tokens=self._prompt,
            completion_tokens=self._completion,
            cost=self._cost,
        )

    def _decoded(self, output: str) -> Any:
        try:
            return orjson.loads(output)
        except orjson.JSONDecodeError:
            raise self.failed("The crew's answer is no JSON.") from None

    def _count(self, reply: Reply) -> None:
        if not reply.cached:
            self._prompt += reply.usage.prompt_tokens
            self._completion += reply.usage.completion_tokens
            self._cost += reply.cost

    def _key(self, request: Request, call: CallId) -> bytes:
        asked = hash_of(request_as_json(request))
        return blake2b(f"{self._place}/{call.key}/{asked}".encode(), digest_size=16).digest()

    def _kept(self, key: bytes) -> Reply | None:
        found = PaidCall.objects.filter(scenario_digest=self._digest, key=key).values_list("reply", flat=True).first()
        return None if found is None else replace(reply_from_json(found), cached="database")

    def _keep(self, key: bytes, reply: Reply) -> None:
        PaidCall.objects.bulk_create(
            [PaidCall(scenario_digest=self._digest, key=key, reply=reply_as_json(reply))], ignore_conflicts=True
        )


def _place_of(question: CrewQuestion) -> str:
    said: Mapping[str, Any] = {"task": question.task, "situation": question.situation}
    return hash_of({**said, "members": [member.role for member in question.members]})


def _crew(question: CrewQuestion, model: str) -> CrewSpec:
    """The members one after the other, each with what those before said; the last one answers in the schema."""
    names = [f"member{number}" for number in range(1, len(question.members) + 1)]
    agents = tuple(
        AgentSpec(
            name=name, role=each.role, goal=each.goal, backstory=each.backstory, llm=model, max_iter=MOST_ITERATIONS
        )
        for name, each in zip(names, question.members, strict=True)
    )
    *before, last = names
    description = _braced(f"{question.task}\n\n{question.situation}")
    tasks = [
        TaskSpec(name=f"view{number}", description=description, expected_output="A short opinion.", agent=name)
        for number, name in enumerate(before, 1)
    ]
    decided = TaskSpec(
        name="decision",
        description=description,
        expected_output=EXPECTED,
        agent=last,
        output_schema=dict(question.schema),
    )
    return CrewSpec(name="deliberation", agents=agents, tasks=(*tasks, decided))


def _braced(text: str) -> str:
    """Braces around a word would be read as a placeholder of the crew."""
    return text.replace("{", "(").replace("}", ")")
