"""Whether an answer may stand: checked without a model first, then judged by the task's rule, as often as the task allows."""

from __future__ import annotations

from agents.llm.types import Message
from agents.runtimes import rules
from agents.runtimes.engine.llm import GatewayLLM
from agents.runtimes.engine.schema import model_of
from agents.runtimes.spec import TaskSpec

VERDICT = model_of(
    {
        "type": "object",
        "properties": {"valid": {"type": "boolean"}, "feedback": {"type": "string"}},
        "required": ["valid", "feedback"],
        "additionalProperties": False,
    },
    name="Verdict",
)


class Guardrail:
    """Fails the task, in words, when its last attempt did not pass."""

    def __init__(self, spec: TaskSpec, llm: GatewayLLM) -> None:
        self._spec = spec
        self._llm = llm
        self._attempts = 0

    async def judge(self, text: str) -> str | None:
        """None for an answer that may stand, else what is wrong with it."""
        if not self._spec.guardrail and not rules.asks_anything(self._spec.checks):
            return None
        self._attempts += 1
        feedback = " ".join(rules.misses(self._spec.checks, text)) or await self._misses_rule(text)
        step, told = self._llm.step, {"attempt": self._attempts}
        if feedback is None:
            step.emit("guardrail.passed", self._llm.agent, **told)
            return None
        step.emit("guardrail.failed", self._llm.agent, **told, feedback=feedback)
        if self._attempts > self._spec.guardrail_max_retries:
            attempts = "1 attempt" if self._attempts == 1 else f"{self._attempts} attempts"
            step.fail(f"“{self._spec.name}” did not pass its guardrail in {attempts}: {feedback}", code="guardrail")
        return feedback or "The rule was not met."

    async def _misses_rule(self, text: str) -> str | None:
        if not self._spec.guardrail:
            return None
        verdict = (await self._llm.structured(_case(self._spec.guardrail, text), VERDICT)).model_dump()
        return None if verdict["valid"] else str(verdict["feedback"])


def _case(rule: str, text: str) -> list[Message]:
    order = "Judge whether the result meets the rule. Say what is wrong if it does not. Judge nothing else."
    return [Message("system", order), Message("user", f"Rule:\n{rule}\n\nResult:\n{text}")]
