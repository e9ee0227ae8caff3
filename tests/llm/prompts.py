"""Prompts as CrewAI writes them, and the two sample documents cut into passages."""

from __future__ import annotations

from functools import cache

from agents.knowledge.chunking import chunk
from agents.knowledge.parsing import parse_safely
from agents.llm.types import Message, Request, ToolCall, ToolSpec
from tests.knowledge.facts import DOCUMENTS, STUDY, SURVEY

SEARCH = ToolSpec(
    "search_knowledge",
    "Find passages in the documents of the workspace.",
    {
        "type": "object",
        "properties": {"query": {"type": "string"}, "top_k": {"type": "integer"}},
        "required": ["query"],
    },
)
SYSTEM = Message("system", "You are Document analyst. You quote.\nYour personal goal is: Answer with citations.")
NUDGE = Message(
    "user", "Analyze the tool result. If requirements are met, provide the Final Answer. Otherwise, call the next tool."
)

HARBOUR = """[harbour-study.pdf, p. 2]
The station stores 18.4 MWh. It was built in 2021 by Lindholt Energy.
The quay is 34 m wide.

[harbour-study.pdf, p. 5]
The station cost EUR 4.2 million, of which the province paid a quarter.

[minutes.txt, lines 10-14]
Ms Okafor asked why the opening was late. It was late because a transformer had to be replaced."""


def task(description: str, expected: str = "The answer with citations.", context: str = "") -> Message:
    text = (
        f"\nCurrent Task: {description}\n\nThis is the expected criteria for your final answer: {expected}\n"
        "you MUST return the actual complete content as the final answer, not a summary."
    )
    if context:
        text += f"\n\nThis is the context you're working with:\n{context}"
    return Message("user", text)


def found(description: str, passages: str = HARBOUR, expected: str = "The answer with citations.") -> Request:
    """A conversation in which the search has answered."""
    called = Message("assistant", "", tool_calls=(ToolCall("call_1", "search_knowledge", {"query": "x"}),))
    result = Message("tool", passages, tool_call_id="call_1")
    return Request([SYSTEM, task(description, expected), called, result, NUDGE], tools=[SEARCH])


@cache
def sample_passages() -> str:
    """All passages of both sample documents, as the search tool would send them."""
    blocks = []
    for name in (STUDY, SURVEY):
        parsed = parse_safely(DOCUMENTS / name, name)
        blocks += [f"[{name}, {passage.locator}]\n{passage.text}" for passage in chunk(parsed.sections)]
    return "\n\n".join(blocks)
