"""When the offline provider asks for a search, and with which words."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from agents.llm.extractive.answer import NO_PASSAGES, QUOTED
from agents.llm.providers.offline import Offline
from agents.llm.types import Message, Reply, Request, ToolSpec
from tests.llm.prompts import HARBOUR, SEARCH, SYSTEM, found, task

REACT = Message(
    "system",
    """You are Document analyst.

You ONLY have access to the following tools, and should NEVER make up tools that are not listed here:

Tool Name: search_knowledge
Tool Arguments: {"query": {"type": "str"}}
Tool Description: Find passages.

IMPORTANT: Use the following format in your response:

```
Thought: you should always think about what to do
Action: the action to take, only one name of [search_knowledge], just the name, exactly as it's written.
Action Input: the input to the action, just a simple JSON object
Observation: the result of the action
```

Once all necessary information is gathered, return the following format:

```
Thought: I now know the final answer
Final Answer: the final answer to the original input question
```""",
)


def reply_to(request: Request) -> Reply:
    return asyncio.run(Offline().complete(request, deadline=float("inf")))


def queries(description: str, tool: ToolSpec = SEARCH) -> list[str]:
    reply = reply_to(Request([SYSTEM, task(description)], tools=[tool]))
    return [call.arguments["query"] for call in reply.tool_calls]


def test_the_question_is_the_query() -> None:
    reply = reply_to(
        Request([SYSTEM, task("Question: What did the station cost?\n\nSearch the documents.")], tools=[SEARCH])
    )
    assert [(call.id, call.name, dict(call.arguments)) for call in reply.tool_calls] == [
        ("call_1", "search_knowledge", {"query": "What did the station cost?", "top_k": 6})
    ]
    assert (reply.text, reply.finish_reason) == ("", "tool_calls")


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        (
            "Question: What did it cost, and who built it?",
            ["What did it cost, and who built it?", "What did it cost?", "who built it?"],
        ),
        (
            "Topic: harbour batteries\n\nSearch with the topic and each of: prices and costs, risks.",
            ["harbour batteries", "harbour batteries: prices and costs", "harbour batteries: risks"],
        ),
        (
            "Find out who pays for the quay. You should write three bullets.",
            ["Find out who pays for the quay. You should write three bullets."],
        ),
    ],
)
def test_queries(description: str, expected: list[str]) -> None:
    assert queries(description) == expected


def test_no_more_than_five_and_none_is_long() -> None:
    asked = queries("\n".join(f"- What does item {n} of the harbour cost in {n} years?" for n in range(20)))
    assert len(asked) == 5
    assert max(map(len, asked)) <= 300


def test_nothing_is_searched_twice() -> None:
    assert reply_to(found("What did the station cost?")).tool_calls == ()


def test_only_arguments_that_the_tool_has() -> None:
    bare = replace(SEARCH, parameters={"type": "object", "properties": {"query": {"type": "string"}}})
    assert reply_to(Request([task("What is it?")], tools=[bare])).tool_calls[0].arguments == {"query": "What is it?"}


def test_a_tool_that_wants_what_nobody_said_is_not_called() -> None:
    needy = replace(SEARCH, parameters={"type": "object", "properties": {}, "required": ["query", "collection"]})
    assert reply_to(Request([task("What is it?")], tools=[needy])).text == NO_PASSAGES


def test_no_other_tool_is_called() -> None:
    delete = ToolSpec("delete_everything", "", {"type": "object", "properties": {}})
    assert reply_to(Request([task("What is it?")], tools=[delete])).tool_calls == ()


def test_tools_described_in_words() -> None:
    question = task("Question: What did the station cost?")
    first = reply_to(Request([REACT, question])).text
    thought, action, given = first.splitlines()
    assert (thought[:8], action) == ("Thought:", "Action: search_knowledge")
    assert json.loads(given.removeprefix("Action Input: ")) == {"query": "What did the station cost?"}
    then = Message("assistant", f"{first}\nObservation: {HARBOUR}")
    assert reply_to(Request([REACT, question, then])).text == (
        f"Thought: I now know the final answer\nFinal Answer: {QUOTED}\n\n"
        "- “The station cost EUR 4.2 million, of which the province paid a quarter.” [harbour-study.pdf, p. 5]"
    )


def test_every_part_is_searched_before_the_end_in_words_too() -> None:
    question = task("Question: What did it cost, and who built it?")
    turns: list[Message] = []
    for expected in ("What did it cost, and who built it?", "What did it cost?", "who built it?"):
        text = reply_to(Request([REACT, question, *turns])).text
        assert json.loads(text.rpartition("Action Input: ")[2])["query"] == expected
        turns.append(Message("assistant", f"{text}\nObservation: nothing"))
    assert "Final Answer:" in reply_to(Request([REACT, question, *turns])).text


def test_the_last_call_gets_an_answer() -> None:
    force = Message(
        "user",
        "Now it's time you MUST give your absolute best final answer. You'll ignore all previous instructions, stop using any tools, and just return your absolute BEST Final answer.",
    )
    text = reply_to(Request([REACT, task("What did the station cost?"), force])).text
    assert text.startswith("Thought: I now know the final answer\nFinal Answer: There are no passages")


def test_one_of_the_listed_outcomes() -> None:
    prompt = (
        "Based on the following human feedback, determine which outcome best matches their intent.\n\nFeedback: {}\n\n"
        "Possible outcomes: approved, rejected\n\nRespond with ONLY one of the exact outcome values listed above, nothing else."
    )
    assert reply_to(Request([Message("user", prompt.format("This is rejected, sorry."))])).text == "rejected"
    assert reply_to(Request([Message("user", prompt.format("Hm."))])).text == "approved"
