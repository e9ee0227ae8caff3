"""Words as the ranking sees them: lower case, without endings, without those that say nothing."""

from __future__ import annotations

import re

from agents.llm.extractive.lexicon import GRAMMAR, INSTRUCTION, RELATED, UNITS

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")

_PLURAL = (("ies", "y"), ("sses", "ss"), ("es", "e"), ("s", ""))
_VERB = (("ing", ""), ("ied", "y"), ("ed", ""))
_SHORTEST_STEM = 3


def words(text: str) -> list[str]:
    """Lower-case words and numbers in order; signs that stand for a unit count as words."""
    return [found.lower() for found in re.findall(rf"{_WORD.pattern}|[%€$£]", text)]


def stem(word: str) -> str:
    """A word without its plural and verb endings: `stores`, `stored`, `storing` and `store` are one."""
    if not word.isalpha() or len(word) <= _SHORTEST_STEM:
        return word
    for endings in (_PLURAL, _VERB):
        word = _without_ending(word, endings)
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM else word


def _without_ending(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    for ending, instead in endings:
        bare = word.removesuffix(ending)
        if bare != word and len(bare) >= _SHORTEST_STEM and not (ending == "s" and bare[-1] in "su"):
            return (_undoubled(bare) if endings is _VERB else bare) + instead
    return word


def _undoubled(bare: str) -> str:
    return bare[:-1] if bare[-1] == bare[-2] and bare[-1] not in "lsz" else bare


def stems(text: str) -> list[str]:
    """Stems of all words that carry meaning, in order, with repetitions."""
    return [stem(word) for word in words(text) if word not in GRAMMAR]


def is_instruction(word: str) -> bool:
    return stem(word) in _INSTRUCTION_STEMS


def is_unit(word: str) -> bool:
    """Whether a stem is that of a unit, which stands beside the amount that was asked for."""
    return word in _UNIT_STEMS


def related(word: str) -> tuple[str, ...]:
    """Stems of the words that often stand where `word` (a stem) is asked for."""
    return _RELATED_STEMS.get(word, ())


_INSTRUCTION_STEMS = frozenset(stem(word) for word in INSTRUCTION)
_UNIT_STEMS = frozenset(stem(word) for word in UNITS)
_RELATED_STEMS = {stem(key): tuple(stem(value) for value in values) for key, values in RELATED.items()}
