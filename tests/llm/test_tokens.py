"""The approximate token counter."""

from __future__ import annotations

import pytest

from agents.llm.tokens import count, count_request
from agents.llm.types import Message, Request
from tests.knowledge.facts import DOCUMENTS, STUDY
from tests.llm.prompts import SEARCH


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("Hello, world!", 4),
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("internationalization", 3),
        ("1234567", 3),
        ("数据库", 3),
        ("Привет", 3),
        ("a\n\n\nb", 3),
    ],
)
def test_count(text: str, tokens: int) -> None:
    assert count(text) == tokens


def test_prose_has_about_four_characters_per_token() -> None:
    text = (DOCUMENTS / STUDY).read_text().split("## Measurements")[0]
    assert 3.3 < len(text) / count(text) < 4.8


def test_a_request_counts_everything_that_is_sent() -> None:
    bare = Request([Message("user", "Hello, world!")])
    assert count_request(bare) == 8
    assert count_request(Request(bare.messages, tools=[SEARCH])) > 30
    assert count_request(Request(bare.messages, response_schema={"type": "object"})) == 8 + count('{"type": "object"}')
