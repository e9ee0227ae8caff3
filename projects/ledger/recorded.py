"""What a run has on record when a worker takes it over: answers of models, uses of tools, answers of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from projects.models import AgentRun, Effect, ModelCall, Question, Run, StepOutput
from tenants import statements


@dataclass(frozen=True, slots=True)
class Recorded:
    """By key. `steps` are the finished tasks by name; `attempts` counts how often each task was begun."""

    calls: Mapping[str, ModelCall] = field(default_factory=dict)
    effects: Mapping[str, Effect] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    steps: Mapping[str, StepOutput] = field(default_factory=dict)
    attempts: Mapping[str, int] = field(default_factory=dict)
    call_count: int = 0

    def call(self, key: str, request_hash: str) -> ModelCall | None:
        """The stored answer to this very question."""
        call = self.calls.get(key)
        return call if call is not None and call.request_hash == request_hash else None

    def effect(self, key: str, tool: str, arguments_hash: str) -> Effect | None:
        """The stored use of this very tool with these very arguments."""
        effect = self.effects.get(key)
        is_same = effect is not None and (effect.tool, effect.arguments_hash) == (tool, arguments_hash)
        return effect if is_same else None


_ANYTHING = """
SELECT EXISTS (SELECT FROM projects_modelcall WHERE run_id = %(run)s) OR EXISTS (SELECT FROM projects_stepoutput WHERE run_id = %(run)s)
    OR EXISTS (SELECT FROM projects_effect WHERE run_id = %(run)s) OR EXISTS (SELECT FROM projects_question WHERE run_id = %(run)s)
    OR EXISTS (SELECT FROM projects_agentrun WHERE run_id = %(run)s)"""


def recorded_of(run: Run) -> Recorded:
    """One statement for a run that has nothing on record, as most have when they begin."""
    ((anything,),) = statements.fetch(_ANYTHING, {"run": run.pk})
    return _read(run) if anything else Recorded()


def _read(run: Run) -> Recorded:
    calls = {call.key: call for call in ModelCall.objects.filter(run=run).defer("request")}
    attempts: dict[str, int] = {}
    for task, attempt in AgentRun.objects.filter(run=run).values_list("task", "attempt"):
        attempts[task] = max(attempts.get(task, 0), attempt)
    return Recorded(
        calls=calls,
        effects={effect.key: effect for effect in Effect.objects.filter(run=run)},
        questions={question.key: question for question in Question.objects.filter(run=run)},
        steps={step.task: step for step in StepOutput.objects.filter(run=run)},
        attempts=attempts,
        call_count=len(calls),
    )
