"""What well-known models can do. Said of families, as vendors and makers describe them (their model pages, read 2026-11-21).

None means that nothing is known; whoever asks then says so instead of guessing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capability:
    """`context` in tokens; None where it is not known."""

    tools: bool | None = None
    json: bool | None = None
    vision: bool | None = None
    context: int | None = None

    def has(self, wanted: str) -> bool | None:
        """Whether it can do what a manifest calls text, tools, json or vision."""
        known = {"text": True, "tools": self.tools, "json": self.json, "vision": self.vision}
        return known.get(wanted)

    def reads(self, tokens: int) -> bool | None:
        return None if self.context is None else self.context >= tokens


UNKNOWN = Capability()
_ALL = {"tools": True, "json": True, "vision": True}
_TEXT = {"tools": True, "json": True, "vision": False}

# The first pattern that is found in the model's name counts.
_FAMILIES: tuple[tuple[re.Pattern[str], Capability], ...] = tuple(
    (re.compile(pattern), capability)
    for pattern, capability in (
        (r"^extractive", Capability(tools=True, json=True, vision=False, context=1_000_000)),
        (r"^gpt-(5|4\.1)", Capability(**_ALL, context=400_000)),
        (r"^gpt-4o", Capability(**_ALL, context=128_000)),
        (r"^gpt-3\.5", Capability(**_TEXT, context=16_385)),
        (r"^o3-mini", Capability(**_TEXT, context=200_000)),
        (r"^o[134](-|$)", Capability(**_ALL, context=200_000)),
        (r"^claude-", Capability(**_ALL, context=200_000)),
        (r"^gemini-", Capability(**_ALL, context=1_000_000)),
        (r"embed|minilm|\bbge-|rerank", Capability(tools=False, json=False, vision=False)),
        (r"llava|moondream|-vision|\dvl\b|-vl\b|minicpm-v|pixtral|-multimodal", Capability(json=True, vision=True)),
        (r"^(mistral-small-?3\.[12]|llama-?4)", Capability(**_ALL, context=128_000)),
        (r"^gemma-?3", Capability(tools=False, json=True, vision=True, context=128_000)),
        (r"^llama-?3\.[123]", Capability(**_TEXT, context=128_000)),
        (r"^qwen-?(2\.5|3)", Capability(**_TEXT, context=32_768)),
        (r"^(mistral|mixtral|ministral|command-r|phi-?4-mini|granite)", Capability(**_TEXT)),
        (r"^(llama-?2|gemma-?2|phi-?3|tinyllama)", Capability(tools=False, json=True, vision=False)),
    )
)


def capability_of(model: str) -> Capability:
    """By the model's name, with or without its provider before it."""
    name = model.lower().rpartition("/")[2]
    return next((capability for pattern, capability in _FAMILIES if pattern.search(name)), UNKNOWN)
