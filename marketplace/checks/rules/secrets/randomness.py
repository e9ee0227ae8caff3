"""How random a piece of text is, and whether it only stands for a secret."""

from __future__ import annotations

import math
import re
from collections import Counter

PLACEHOLDERS = re.compile(
    r"(?i)example|sample|placeholder|redacted|dummy|changeme|change_me|your|insert|\bfoo|\bbar|lorem|xxxx|\*\*\*|\.\.\.|…|<|\{|\[|\$\(|%\(|12345678|abcdef"
)
"""What people write where a secret would stand."""
WORDS = re.compile(r"[^A-Za-z]+")
STAND_INS = frozenset(
    {"password", "passwd", "pass", "secret", "pwd", "token", "user", "username", "admin", "root", "postgres"}
)
LOOKED_AT = 80
FEWEST_LETTERS = 6
MIXED = 4.0
HEX = re.compile(r"[0-9a-fA-F]+")


def entropy(text: str) -> float:
    """Shannon's, in bits per character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts) if text else 0.0


def is_placeholder(text: str) -> bool:
    """Whether it only says where a secret would stand. Only its start is read: in a long key anything may occur by chance."""
    start = text[:LOOKED_AT]
    if start.lower() in STAND_INS or PLACEHOLDERS.search(start):
        return True
    return len(set(start)) < min(FEWEST_LETTERS, len(start) - 1)


def is_wordy(text: str) -> bool:
    """Whether it is made of words, as names of things are: `search-knowledge-of-2024`."""
    parts = [part for part in WORDS.split(text) if part]
    return (
        bool(parts)
        and all(part.islower() or part.isupper() or part.istitle() for part in parts)
        and (sum(map(len, parts)) / len(parts) >= 4 or len(text) < 12)
    )


def is_name(text: str) -> bool:
    """Whether it is words without any digit, as in `sk-learn-based-classification`."""
    return is_wordy(text) and not any(letter.isdigit() for letter in text)


def is_random(text: str) -> bool:
    """Whether it could be a key of at least 24 letters and digits: mixed, without pattern, not made of words."""
    digits = sum(letter.isdigit() for letter in text)
    mixed = any(letter.isupper() for letter in text) and any(letter.islower() for letter in text)
    return mixed and digits >= 3 and entropy(text) >= MIXED and not is_wordy(text)


def is_password(text: str) -> bool:
    """Whether it could be a password that somebody chose: eight signs or more, letters and others, not a word with a full stop."""
    letters = sum(letter.isalpha() for letter in text)
    others = len(text) - letters
    core = text.strip("()[]{}<>.,;:!?'\"`")
    inner = any(not letter.isalpha() and letter not in "-_/.'" for letter in core)
    return len(text) >= 8 and letters >= 2 and others >= 1 and inner and entropy(text) >= 2.5
