"""What a picture counts as, against the vendors' own examples."""

from __future__ import annotations

import pytest

from agents.llm.capabilities import capability_of
from agents.llm.pictures import DEAREST, USUAL, tokens_of
from agents.llm.providers.openai import OpenAI
from agents.llm.tokens import count_request
from agents.llm.types import Image, Message, Request


@pytest.mark.parametrize(
    ("provider", "model", "size", "tokens"),
    [
        ("openai", "gpt-4o", (1_024, 1_024), 765),
        ("openai", "gpt-4o-2024-08-06", (2_048, 4_096), 1_105),
        ("openai", "gpt-4o-mini", (1_024, 1_024), 25_501),
        ("openai", "o3", (1_024, 1_024), 675),
        ("openai", "gpt-5", (1_024, 1_024), 630),
        ("openai", "gpt-4.1-mini", (1_024, 1_024), 1_659),
        ("openai", "gpt-5.4-nano", (4_000, 4_000), 3_779),
        ("openai", "gpt-5.5", (1_920, 1_080), 2_448),
        ("openai", "somebody-elses", (8_000, 5_000), 12_000),
        ("anthropic", "claude-opus-5-5", (1_000, 1_000), 1_296),
        ("anthropic", "claude-opus-4-8", (4_000, 3_000), 4_784),
        ("anthropic", "claude-haiku-4-5", (4_000, 3_000), 1_568),
        ("anthropic", "claude-opus-4-20250514", (4_000, 3_000), 1_568),
        ("gemini", "gemini-2.5-flash", (384, 384), 258),
        ("gemini", "gemini-2.5-flash", (960, 540), 1_548),
        ("gemini", "gemini-3.5-flash", (4_000, 3_000), 1_120),
        ("ollama", "llava", (336, 336), 144),
        ("ollama", "llava", (0, 0), USUAL),
    ],
)
def test_tokens_of_a_picture(provider: str, model: str, size: tuple[int, int], tokens: int) -> None:
    assert tokens_of(Image("image/png", b"", *size), provider, model) == tokens


def test_no_rule_gives_more_than_the_dearest() -> None:
    largest = Image("image/png", b"", 8_000, 5_000)
    models = (
        "gpt-4o-mini",
        "gpt-4o",
        "gpt-5",
        "gpt-5.5",
        "o4-mini",
        "claude-opus-5",
        "gemini-2.5-pro",
        "gemini-3-pro-preview",
        "x",
    )
    most = max(
        tokens_of(largest, provider, model) for provider in ("openai", "anthropic", "gemini", "") for model in models
    )
    longest = max(
        tokens_of(Image("image/png", b"", 8_000, side), "openai", "gpt-4o-mini") for side in (3_000, 3_001, 5_000)
    )
    assert max(most, longest) < DEAREST


def test_a_request_counts_its_pictures_by_the_model_that_is_asked() -> None:
    asked = Request([Message("user", "Hello, world!", images=(Image("image/png", b"", 1_024, 1_024),))])
    provider = OpenAI(model="gpt-4o")
    assert provider.count_tokens(asked) == 8 + 765
    assert provider.count_tokens(Request(asked.messages, model="gpt-5.5")) == 8 + 1_229
    assert count_request(asked) == 8 + 37 * 37


@pytest.mark.parametrize(
    ("model", "sees"),
    [
        ("qwen2.5vl:7b", True),
        ("qwen3-vl:8b", True),
        ("qwen2.5:7b", False),
        ("mistral-small3.2", True),
        ("mistral-small", False),
        ("llama4", True),
        ("llama3.2-vision", True),
        ("llama3.2", False),
        ("gpt-5.4-mini", True),
        ("fake-1", None),
    ],
)
def test_which_models_see(model: str, sees: bool | None) -> None:
    assert capability_of(model).vision is sees
