"""The stand-in for a language model: it searches, selects and quotes what documents say, and says that it does."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Sequence

from agents.llm.extractive.answer import ALONE, answer
from agents.llm.extractive.filling import fill
from agents.llm.extractive.passages import passages_in
from agents.llm.extractive.task import Task, read_task
from agents.llm.tokens import count_reply, count_request
from agents.llm.types import (
    Health,
    Message,
    OnText,
    ProviderUnreachable,
    Reply,
    Request,
    RequestRefused,
    ToolCall,
    ToolSpec,
    Usage,
)

MODEL = "extractive-1"
SEARCH = "search_knowledge"
TOP_K = 6
QUICK = 4_000  # characters that are read in a few milliseconds; more would hold up the event loop

_NATIVE_KEYS = frozenset({"query", "top_k"})
_REACT_TOOL = re.compile(rf"Tool Name:\s*{SEARCH}\b|\[[^\[\]\n]*\b{SEARCH}\b[^\[\]\n]*\]")
_REACT_FORM = re.compile(r"^\s*Final Answer:", re.MULTILINE)
_OBSERVATION = re.compile(r"^Observation:", re.MULTILINE)
_OUTCOMES = re.compile(r"^Possible outcomes:\s*(.+)$", re.MULTILINE)
_FEEDBACK = re.compile(r"^Feedback:\s*(.+)$", re.MULTILINE)
_THOUGHT_SEARCH = "Thought: The documents have to be searched first."
_THOUGHT_DONE = "Thought: I now know the final answer"


class Offline:
    """No model at all. The same request gets the same reply; nothing is known but the request; nothing is sent anywhere.

    With the tool `search_knowledge` and no result yet it asks for searches; with passages it quotes the sentences that fit
    best; with a schema it fills it. Anything else in a reply is one of a few fixed sentences or comes from the request.
    """

    name = "offline"

    async def complete(self, request: Request, *, deadline: float, on_text: OnText | None = None) -> Reply:
        if deadline <= time.monotonic():
            raise ProviderUnreachable("The deadline had passed before the call.", provider=self.name)
        size = sum(len(message.content) for message in request.messages)
        reply = _reply(request) if size < QUICK else await asyncio.to_thread(_reply, request)
        if on_text is not None:
            for piece in re.findall(r"\S+\s*|\s+", reply.text):
                on_text(piece)
        return reply

    async def embed(self, texts: Sequence[str], *, model: str, deadline: float) -> list[list[float]]:
        raise RequestRefused("The offline provider has no embeddings.", provider=self.name)

    def count_tokens(self, request: Request) -> int:
        return count_request(request)

    async def models(self, *, deadline: float) -> list[str]:
        return [MODEL]

    async def health(self, *, deadline: float) -> Health:
        return Health(ok=True, detail="Always there: quotations chosen by rule, no model.", seconds=0.0)


def _reply(request: Request) -> Reply:
    task = read_task(request.messages)
    calls = _native_searches(request, task)
    text = "" if calls else _text(request, task)
    return Reply(
        text=text,
        provider=Offline.name,
        model=MODEL,
        usage=Usage(count_request(request), count_reply(text, calls)),
        tool_calls=calls,
        finish_reason="tool_calls" if calls else "stop",
    )


def _native_searches(request: Request, task: Task) -> tuple[ToolCall, ...]:
    """One call for the question, one for each of its parts; none where a result is there already."""
    tool = next((tool for tool in request.tools if tool.name == SEARCH and _is_callable(tool)), None)
    if tool is None or any(message.role == "tool" for message in request.messages):
        return ()
    taken = tool.parameters.get("properties", {})
    return tuple(
        ToolCall(f"call_{number}", SEARCH, {"query": query, "top_k": TOP_K} if "top_k" in taken else {"query": query})
        for number, query in enumerate(task.searches, start=1)
    )


def _is_callable(tool: ToolSpec) -> bool:
    """Whether the tool wants nothing but what we have to give."""
    return set(tool.parameters.get("required", ())) <= _NATIVE_KEYS


def _text(request: Request, task: Task) -> str:
    if request.response_schema is not None:
        return json.dumps(fill(request.response_schema, task, passages_in(request.messages)), ensure_ascii=False)
    if choice := _outcome(request.messages):
        return choice
    if query := _react_search(request, task):
        return f"{_THOUGHT_SEARCH}\nAction: {SEARCH}\nAction Input: {json.dumps({'query': query}, ensure_ascii=False)}"
    body = _within(request, task)
    wants_react = any(
        _REACT_FORM.search(message.content) for message in request.messages if message.role != "assistant"
    )
    return f"{_THOUGHT_DONE}\nFinal Answer: {body}" if wants_react else body


def _within(request: Request, task: Task) -> str:
    """The answer, with fewer quotations where the request limits its tokens."""
    passages = passages_in(request.messages)
    text = answer(task, passages)
    for most in (ALONE // 2, 2, 1):
        if request.max_tokens is None or count_reply(text) <= request.max_tokens:
            break
        text = answer(task, passages, most=most)
    return text


def _react_search(request: Request, task: Task) -> str:
    """The next query, for a prompt that describes tools in words; empty when all were asked or none can be."""
    offered = any(_REACT_TOOL.search(message.content) for message in request.messages if message.role != "assistant")
    if request.tools or not offered or _must_answer_now(request.messages):
        return ""
    asked = sum(
        len(_OBSERVATION.findall(message.content)) for message in request.messages if message.role == "assistant"
    )
    return task.searches[asked] if asked < len(task.searches) else ""


def _must_answer_now(messages: Sequence[Message]) -> bool:
    """Whether the prompt has lost patience: CrewAI forbids tools before it asks for the last time."""
    return any("stop using any tools" in message.content for message in messages)


def _outcome(messages: Sequence[Message]) -> str:
    """One of the listed outcomes, where a prompt allows nothing else: the one that the feedback names, else the first."""
    prompt = next((message.content for message in reversed(messages) if _OUTCOMES.search(message.content)), "")
    listed = _OUTCOMES.search(prompt)
    if listed is None or "ONLY one" not in prompt:
        return ""
    outcomes = [outcome.strip(" '\"[]") for outcome in listed.group(1).split(",")]
    feedback = _FEEDBACK.search(prompt)
    said = feedback.group(1).lower() if feedback else ""
    return next((outcome for outcome in outcomes if outcome.lower() in said), outcomes[0])
