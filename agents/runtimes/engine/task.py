"""A task that knows its step: counted, checked, kept when done, and not repeated when it was done before.

Without postponed annotations: CrewAI reads those of a guardrail.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from crewai import Task, TaskOutput
from pydantic import BaseModel, PrivateAttr, ValidationError

from agents.llm.types import Message
from agents.runtimes.engine.llm import GatewayLLM
from agents.runtimes.engine.schema import model_of
from agents.runtimes.engine.session import Session, Step, current
from agents.runtimes.outcome import StepOutput
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


class StepTask(Task):
    _spec: TaskSpec = PrivateAttr()
    _session: Session = PrivateAttr()
    _llm: GatewayLLM = PrivateAttr()

    def bind(self, spec: TaskSpec, session: Session, llm: GatewayLLM) -> None:
        self._spec, self._session, self._llm = spec, session, llm

    def take_over(self, done: StepOutput) -> None:
        """Use an output of an earlier attempt instead of running."""
        self.output = TaskOutput(
            name=self.name,
            description=self.description,
            expected_output=self.expected_output,
            raw=done.text,
            json_dict=done.data,
            agent=self.agent.role if self.agent else "",
            output_format=self._get_output_format(),
        )

    def execute_async(self, agent: Any = None, context: Any = None, tools: Any = None) -> Future[TaskOutput]:
        future = super().execute_async(agent, context, tools)
        self._session.side_tasks.append(future)
        return future

    def _execute_core(self, agent: Any, context: str | None, tools: list[Any] | None) -> TaskOutput:
        if self.output is not None:
            return self.output
        step = Step(self._spec.name, self._spec.agent or self._llm.agent)
        token = current.set(step)
        try:
            self._session.check()
            self._session.emit("task.started", step.agent)
            output = super()._execute_core(agent, context, tools)
            self._session.finish(step, StepOutput(output.raw, output.json_dict, step.limited))
        except Exception as error:
            self._session.emit("task.failed", step.agent, error=str(error))
            raise
        finally:
            current.reset(token)
        return output

    def _export_output(self, result: BaseModel | str) -> tuple[BaseModel | None, dict[str, Any] | None]:
        """JSON from text. Reached when the agent has tools: then the model's last answer was free text."""
        if self.output_json is None or not isinstance(result, str):
            return None, None
        try:
            fitting = self.output_json.model_validate_json(_without_fence(result))
        except ValidationError:
            wish = Message("user", f"Put this into the form asked for, adding nothing:\n\n{result}")
            fitting = self._llm.structured([wish], self.output_json)
        return None, fitting.model_dump()


def guardrail_of(spec: TaskSpec, llm: GatewayLLM) -> Callable[[TaskOutput], tuple[bool, Any]]:
    """A judge by the rule of the task. Fails the run, in words, when its last attempt did not pass."""
    attempts = 0

    def judge(output: TaskOutput) -> tuple[bool, Any]:
        nonlocal attempts
        attempts += 1
        verdict = llm.structured(_case(spec.guardrail, output.raw), VERDICT).model_dump()
        if verdict["valid"]:
            llm.session.emit("guardrail.passed", llm.agent, attempt=attempts)
            return True, output.raw
        llm.session.emit("guardrail.failed", llm.agent, attempt=attempts, feedback=verdict["feedback"])
        if attempts > spec.guardrail_max_retries:
            detail = f"“{spec.name}” did not pass its guardrail in {attempts} attempts: {verdict['feedback']}"
            llm.session.fail(detail, code="guardrail")
        return False, verdict["feedback"] or "The rule was not met."

    return judge


def _case(rule: str, text: str) -> list[Message]:
    order = "Judge whether the result meets the rule. Say what is wrong if it does not. Judge nothing else."
    return [Message("system", order), Message("user", f"Rule:\n{rule}\n\nResult:\n{text}")]


def _without_fence(text: str) -> str:
    """The content of a Markdown code block, when the whole text is one."""
    bare = text.strip()
    if bare.startswith("```") and bare.endswith("```"):
        return bare.strip("`").partition("\n")[2]
    return bare
