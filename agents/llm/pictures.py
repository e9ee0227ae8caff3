"""What a picture counts as, in tokens of a prompt. Vendors count by width and height; the rules are of `AS_OF`, as the prices are.

Anthropic   one token for each 28 x 28 pixels of what is left after scaling down to at most 4,784 tokens (models before Opus 4.7, and
            Sonnet and Haiku 4: 1,568). platform.claude.com/docs/en/build-with-claude/vision
OpenAI      by model: squares of 512 pixels after scaling into 2,048 x 2,048 and the shorter side to 768, or patches of 32 pixels
            up to a most, times a factor. developers.openai.com/api/docs/guides/images-vision
Google      Gemini 3: at most 1,120. Before: 258 for what is at most 384 pixels a side, else for each crop.
            ai.google.dev/gemini-api/docs/media-resolution
others      models on machines of one's own cut pictures as they like and cost nothing: counted as Anthropic's with at most 4,096.

Read on that day as others quote these pages; Anthropic's patches, Gemini 3 and GPT-5.5 agree with the counts that were measured in
huggingface.co/datasets/JOHNISKING/image-token-cost. GPT-5.4 is taken for GPT-5.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from math import ceil

from agents.llm.types import Image

AS_OF = date(2026, 11, 21)
USUAL = 1_600  # of a picture whose size nobody measured: about a megapixel
DEAREST = 50_000  # more than any rule below gives: a vendor's count beyond it is no count

Rule = Callable[[int, int], int]


def tokens_of(image: Image, provider: str, model: str) -> int:
    """How many tokens of a prompt the picture takes at this model; the dearest rule of the vendor where its model is not known."""
    if not image.width or not image.height:
        return USUAL
    rules = _RULES.get(provider, _OWN_MACHINE)
    name = model.lower().rpartition("/")[2]
    rule = next(rule for pattern, rule in rules if pattern.search(name))
    return rule(image.width, image.height)


def _patches(side: int, most: int, factor: float = 1.0) -> Rule:
    def count(width: int, height: int) -> int:
        return ceil(min(ceil(width / side) * ceil(height / side), most) * factor)

    return count


def _squares(base: int, each: int) -> Rule:
    def count(width: int, height: int) -> int:
        scale = min(1.0, 2_048 / max(width, height))
        scale *= min(1.0, 768 / (min(width, height) * scale))
        return base + each * ceil(width * scale / 512) * ceil(height * scale / 512)

    return count


def _crops(width: int, height: int) -> int:
    if max(width, height) <= 384:
        return 258
    crop = min(max(int(min(width, height) / 1.5), 256), 768)
    return 258 * ceil(width / crop) * ceil(height / crop)


def _flat(tokens: int) -> Rule:
    return lambda _width, _height: tokens


def _table(*rows: tuple[str, Rule]) -> tuple[tuple[re.Pattern[str], Rule], ...]:
    """The first pattern that is found in the model's name counts; the last one is empty."""
    return tuple((re.compile(pattern), rule) for pattern, rule in rows)


_OWN_MACHINE = _table(("", _patches(28, 4_096)))
_RULES = {
    "anthropic": _table(
        (r"^claude-(3|haiku-4|sonnet-4|opus-4(-[0-6])?(-\d{8})?$)", _patches(28, 1_568)),
        ("", _patches(28, 4_784)),
    ),
    "openai": _table(
        (r"^gpt-4o-mini", _squares(2_833, 5_667)),
        (r"^gpt-(4\.1|5(\.\d)?)-mini", _patches(32, 1_536, 1.62)),
        (r"^gpt-(4\.1|5(\.\d)?)-nano", _patches(32, 1_536, 2.46)),
        (r"^o4-mini", _patches(32, 1_536, 1.72)),
        (r"^(gpt-4o|gpt-4\.[15]|gpt-4-turbo)", _squares(85, 170)),
        (r"^o[13]", _squares(75, 150)),
        (r"^gpt-5(\.[12])?(-pro|-chat|-20|$)", _squares(70, 140)),
        ("", _patches(32, 10_000, 1.2)),
    ),
    "gemini": _table((r"^gemini-[12]", _crops), ("", _flat(1_120))),
}
