"""The only language model that CrewAI sees here: it hands every call to the host's gateway."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crewai import BaseLLM
from pydantic import BaseModel, PrivateAttr, ValidationError

from agents.llm.types import Message, Reply, Request, ToolCall, ToolSpec
from agents.runtimes.engine.schema import reason_of
from agents.runtimes.engine.step import Step
from agents.runtimes.spec import AgentSpec

WIDE = 1_000_000  # the gateway knows the model's real window; CrewAI must not summarise on a guess
REPAIR = "This does not fit the schema: {reason} Answer again with the JSON alone, changing nothing else."


class GatewayLLM(BaseLLM):
    """One per agent and task. Holds no key and no address: CrewAI copies an LLM's public fields into its events."""

    llm_type: str = "guildhall"
    _step: Step = PrivateAttr()
    _agent: AgentSpec = PrivateAttr()

    @classmethod
    def of(cls, agent: AgentSpec, step: Step) -> GatewayLLM:
        llm = cls(model=agent.llm or "default", provider="guildhall")
        llm._step, llm._agent = step, agent
        return llm

    @property
    def step(self) -> Step:
        return self._step

    @property
    def agent(self) -> str:
        return self._agent.name

    def supports_function_calling(self) -> bool:
        return True

    def supports_stop_words(self) -> bool:
        return False

    def get_context_window_size(self) -> int:
        return WIDE

    def get_input_tokens_count(self, messages: Any, tools: Any = None, response_model: Any = None) -> int:
        """A rough guess, overridden because CrewAI's own warns on every call. Usage comes from the provider."""
        return len(str(messages)) // 4

    def call(
        self,
        messages: str | list[Any],
        tools: list[dict[str, Any]] | None = None,
        callbacks: list[Any] | None = None,
        available_functions: dict[str, Any] | None = None,
        from_task: Any = None,
        from_agent: Any = None,
        response_model: type[BaseModel] | None = None,
    ) -> Any:
        """For the stock executor, in its thread."""
        return self._step.session.from_thread(self.answer(self._format_messages(messages), tools, response_model))

    async def acall(
        self,
        messages: str | list[Any],
        tools: list[dict[str, Any]] | None = None,
        callbacks: list[Any] | None = None,
        available_functions: dict[str, Any] | None = None,
        from_task: Any = None,
        from_agent: Any = None,
        response_model: type[BaseModel] | None = None,
    ) -> Any:
        return await self.answer(self._format_messages(messages), tools, response_model)

    async def answer(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None = None,
        response_model: type[BaseModel] | None = None,
    ) -> str | list[dict[str, Any]] | BaseModel:
        """Text, or tool calls in CrewAI's form, or an object of `response_model`."""
        turns = [_message(turn) for turn in messages]
        if response_model is not None:
            return await self.structured(turns, response_model)
        reply = await self._ask(turns, tools=tuple(_tool(tool) for tool in tools or ()))
        if tools and reply.tool_calls:
            return [_as_crewai(call) for call in reply.tool_calls]
        return self._text(reply)

    async def structured(self, turns: Sequence[Message], model: type[BaseModel]) -> BaseModel:
        """An answer that fits `model`; one that does not is sent back once with the reason, then the task fails with it."""
        reply = await self._ask(turns, schema=model.model_json_schema())
        text = self._text(reply)
        try:
            return model.model_validate_json(text)
        except ValidationError as misfit:
            wish = Message("user", REPAIR.format(reason=reason_of(misfit)))
        second = await self._ask([*turns, Message("assistant", text), wish], schema=model.model_json_schema())
        try:
            return model.model_validate_json(self._text(second))
        except ValidationError as misfit:
            detail = f"The model's answer does not fit the output schema, asked twice: {reason_of(misfit)}"
            self._step.fail(detail, code="output_schema")

    async def _ask(
        self, turns: Sequence[Message], *, tools: tuple[ToolSpec, ...] = (), schema: Mapping[str, Any] | None = None
    ) -> Reply:
        return await self._step.ask(
            self._agent.name,
            Request(
                messages=tuple(turns),
                model=self._agent.llm,
                tools=tools,
                response_schema=schema,
                temperature=self._agent.temperature,
                max_tokens=self._agent.max_tokens or None,
            ),
        )

    def _text(self, reply: Reply) -> str:
        if not reply.text.strip():
            self._step.fail(f"{reply.model} answered “{self._step.task}” with nothing.", code="empty_answer")
        return reply.text


def _message(turn: Mapping[str, Any]) -> Message:
    return Message(
        role=turn["role"],
        content=_content(turn.get("content")),
        tool_calls=tuple(_tool_call(call) for call in turn.get("tool_calls") or ()),
        tool_call_id=turn.get("tool_call_id") or "",
    )


def _content(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if part.get("type") == "text")
    return content or ""


def _tool_call(call: Mapping[str, Any]) -> ToolCall:
    function = call["function"]
    return ToolCall(call["id"], function["name"], json.loads(function["arguments"] or "{}"))


def _as_crewai(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": json.dumps(dict(call.arguments))}
    return {"id": call.id, "type": "function", "function": function}


def _tool(tool: Mapping[str, Any]) -> ToolSpec:
    function = tool["function"]
    return ToolSpec(function["name"], function["description"], function["parameters"])
