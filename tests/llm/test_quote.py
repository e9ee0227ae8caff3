"""The offline provider with passages: what it quotes, in which form, and when it says that there is nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.knowledge.citations import find, normal
from agents.llm.extractive.answer import (
    ALL_OCCUR,
    COPIED,
    NO_PASSAGES,
    NONE_HERE,
    NOTHING_FITS,
    QUOTED,
)
from agents.llm.extractive.passages import passages_in
from agents.llm.providers.offline import Offline
from agents.llm.types import Message, ProviderUnreachable, Reply, Request
from tests.knowledge.facts import FACTS, Fact
from tests.llm.conftest import through
from tests.llm.prompts import HARBOUR, SYSTEM, found, sample_passages, task

Soon = Callable[..., float]


def reply_to(request: Request) -> Reply:
    return asyncio.run(Offline().complete(request, deadline=float("inf")))


def text_for(description: str, passages: str = HARBOUR, expected: str = "An answer.") -> str:
    return reply_to(found(description, passages, expected)).text


def test_the_sentence_that_answers_with_its_citation() -> None:
    assert text_for("How much does the station store?") == (
        f"{QUOTED}\n\n- “The station stores 18.4 MWh.” [harbour-study.pdf, p. 2]"
    )


def test_a_sentence_that_leans_on_the_one_before_comes_with_it() -> None:
    assert text_for("When was the station built?").splitlines()[2] == (
        "- “The station stores 18.4 MWh. It was built in 2021 by Lindholt Energy.” [harbour-study.pdf, p. 2]"
    )


def test_each_part_of_a_question_has_its_own_quotations() -> None:
    text = text_for("Question: How much does the station store, and what did it cost?\n\nFind it.")
    assert text == (
        f"{QUOTED}\n\n"
        "**How much does the station store?**\n\n"
        "- “The station stores 18.4 MWh.” [harbour-study.pdf, p. 2]\n\n"
        "**What did it cost?**\n\n"
        "- “The station cost EUR 4.2 million, of which the province paid a quarter.” [harbour-study.pdf, p. 5]"
    )


def test_listed_points_are_answered_one_by_one_and_instructions_are_not() -> None:
    text = text_for("Answer from the documents:\n- What did the station cost?\n- Who is the mayor?\n- Use plain words.")
    assert re.findall(r"^\*\*(.+)\*\*$", text, re.MULTILINE) == ["What did the station cost?", "Who is the mayor?"]
    assert text.endswith(f"**Who is the mayor?**\n\n{NONE_HERE}")


def test_headings_that_the_task_asks_for() -> None:
    expected = (
        "A report:\n\n## Answer\nTwo sentences.\n\n## Evidence\nA list.\n\n## What the documents leave open\nThe rest."
    )
    text = text_for("Question: Why was the opening of the station late?", expected=expected)
    answer, evidence, left_open = (part.partition("\n")[2].strip() for part in text.split("## ")[1:])
    assert "It was late because a transformer had to be replaced.” [minutes.txt, lines 10-14]" in answer
    assert answer in evidence
    assert left_open == "Words of the question that occur in none of the quotations: “station”."


def test_words_that_no_quotation_holds_are_named() -> None:
    expected = "## Answer\n## What is left open"
    text = text_for("Question: What did the station cost?", expected=expected)
    assert text.endswith(f"## What is left open\n\n{ALL_OCCUR}")
    text = text_for("Question: What did the station cost the taxpayer?", expected=expected)
    assert text.endswith("Words of the question that occur in none of the quotations: “taxpayer”.")


def test_whole_passages_where_the_task_wants_them() -> None:
    expected = "The passages:\n\n[document, locator]\nText of the passage.\n\nIf none: No passage found."
    text = text_for("Question: What did the station cost?", expected=expected)
    assert text.startswith(
        f"{COPIED}\n\n[harbour-study.pdf, p. 5]\nThe station cost EUR 4.2 million, of which the province paid a quarter."
    )
    again = passages_in([Message("user", text)])
    assert [(passage.document, passage.locator) for passage in again][:1] == [("harbour-study.pdf", "p. 5")]
    none = text_for("Question: Who is the mayor of Paris?", expected=expected)
    assert none == f"No passage found. {NOTHING_FITS}"


@pytest.mark.parametrize("question", ["Who is the mayor of Paris?", "Which colour has the lighthouse?", "Was ist das?"])
def test_nothing_fits(question: str) -> None:
    assert text_for(question) == NOTHING_FITS


def test_no_passages_at_all() -> None:
    assert text_for("How much does the station store?", "No passages found.") == NO_PASSAGES
    assert reply_to(Request([Message("user", "What is the capital of France?")])).text == NO_PASSAGES


def test_a_task_without_a_question_gets_what_is_central() -> None:
    text = text_for("Summarise the documents.")
    assert text.startswith(QUOTED)
    assert {citation.document for citation in find(text)} == {"harbour-study.pdf", "minutes.txt"}


def test_quotations_of_earlier_tasks_are_quoted_again() -> None:
    context = (
        "Some model wrote that the station is beautiful.\n\n"
        "- “The station stores 18.4 MWh.” [harbour-study.pdf, p. 2]\n- The quay is new. [minutes.txt, lines 1-3]\n\n"
        "----------\n\n[harbour-study.pdf, p. 5]\nThe station cost EUR 4.2 million.\n\nThis was all."
    )
    request = Request([SYSTEM, task("Question: What does the station store and what did it cost?", context=context)])
    assert [(c.quote, c.document, c.locator) for c in find(reply_to(request).text)] == [
        ("The station stores 18.4 MWh.", "harbour-study.pdf", "p. 2"),
        ("The station cost EUR 4.2 million.", "harbour-study.pdf", "p. 5"),
    ]


def test_work_on_what_was_handed_on_needs_no_common_words() -> None:
    told = "Review the context and expand each topic into a full section."
    quoted = "- “The station stores 18.4 MWh.” [harbour-study.pdf, p. 2]"
    assert reply_to(Request([task(told, context=quoted)])).text == f"{QUOTED}\n\n{quoted}"
    assert text_for("Write a haiku about the sea.") == NOTHING_FITS


def test_words_between_the_blocks_of_a_context_are_nobodys_quotation() -> None:
    context = (
        "[harbour-study.pdf, p. 5]\nThe station cost EUR 4.2 million.\n\nThe station cost far too much, says the model."
    )
    text = reply_to(Request([task("What did the station cost?", context=context)])).text
    assert "far too much" not in text


@pytest.mark.parametrize(
    "sentence",
    [
        "The mayor said “the station is open” and left the station.",
        "The mayor of the station “is open and left.",
        'The mayor called it a "station" and left.',
    ],
)
def test_a_quotation_inside_a_sentence_is_found_again(sentence: str) -> None:
    cited = find(text_for("What did the mayor say about the station?", f"[a.md, § Talk]\n{sentence}"))
    assert [citation.quote for citation in cited] == [sentence]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.question)
def test_the_sample_documents_answer_their_questions(fact: Fact) -> None:
    """Among all passages of both documents, one of the first three quotations is the one that answers."""
    request = found(f"Question: {fact.question}", sample_passages())
    text = reply_to(request).text
    lists = [find(part)[:3] for part in re.split(r"^\*\*.+\*\*$", text, flags=re.MULTILINE)]
    wanted = normal(fact.quote)
    assert any(
        (normal(cited.quote) in wanted or wanted in normal(cited.quote)) and cited.document == fact.document
        for listed in lists
        for cited in listed
    )


SENTENCES = st.lists(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=80), max_size=6
)


@settings(max_examples=60)
@given(SENTENCES, st.text(max_size=60))
def test_whatever_it_quotes_stands_there(sentences: list[str], question: str) -> None:
    """Every quotation is in the passage that its citation names; nothing else is said but fixed words and the question's."""
    passages = [f"{text} The station costs {number} euros." for number, text in enumerate(sentences)]
    blocks = "\n\n".join(f"[doc-{number}.md, p. {number}]\n{text}" for number, text in enumerate(passages))
    held = {(passage.document, passage.locator): passage.text for passage in passages_in([Message("tool", blocks)])}
    text = text_for(f"{question} What does the station cost?", blocks)
    for citation in find(text):
        assert normal(citation.quote) in normal(held[citation.document, citation.locator])


def test_the_same_request_gets_the_same_reply() -> None:
    request = found("What did the station cost?", sample_passages())
    assert reply_to(request) == reply_to(request)


async def test_it_says_who_it_is_and_costs_nothing(soon: Soon) -> None:
    reply = await through(Offline()).complete(found("What did the station cost?"), deadline=soon())
    assert (reply.provider, reply.model, reply.cost) == ("offline", "extractive-1", Decimal(0))
    assert reply.usage.prompt_tokens > 100
    assert 20 < reply.usage.completion_tokens < 80


async def test_text_arrives_in_pieces(soon: Soon) -> None:
    heard: list[str] = []
    reply = await Offline().complete(found("What did the station cost?"), deadline=soon(), on_text=heard.append)
    assert len(heard) > 5
    assert "".join(heard) == reply.text


def test_fewer_quotations_where_tokens_are_limited() -> None:
    request = found("What does the battery cost, and what do the ferries cost?", sample_passages())
    whole, bounded = reply_to(request), reply_to(replace(request, max_tokens=120))
    assert bounded.usage.completion_tokens <= 120 < whole.usage.completion_tokens
    assert find(bounded.text)


async def test_a_deadline_in_the_past(soon: Soon) -> None:
    with pytest.raises(ProviderUnreachable):
        await Offline().complete(found("What?"), deadline=soon(-1))


async def test_a_megabyte_of_passages_is_read_in_time(soon: Soon) -> None:
    blocks = "\n\n".join(
        f"[big.pdf, p. {n}]\nRow {n} of the station costs {n} euros. " + "Filler words go on. " * 40
        for n in range(1200)
    )
    deadline = soon(5)
    reply = await Offline().complete(found("What does row 77 of the station cost?", blocks), deadline=deadline)
    assert "“Row 77 of the station costs 77 euros.” [big.pdf, p. 77]" in reply.text
    assert soon(0) < deadline
