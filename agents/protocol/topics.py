"""Topics: words with dots between them, patterns with wildcards, and the few that belong to the system."""

from __future__ import annotations

import re
from functools import lru_cache

from agents.protocol.errors import BadMessage

HEALTH = "agent.health"
ERRORS = "agent.errors"
METRICS = "agent.metrics"
COMMANDS = "system.commands"

HOST = "system"
"""The sender of whatever the host says; no agent can have this name."""

LONGEST = 120
_TOPIC = re.compile(r"[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*")
_PATTERN = re.compile(r"([A-Za-z0-9_\-]+|\*)(\.([A-Za-z0-9_\-]+|\*))*(\.#)?|#")


def check_topic(topic: str) -> str:
    """Raises BadMessage for what is no topic."""
    if len(topic) > LONGEST or not _TOPIC.fullmatch(topic):
        raise BadMessage(f"“{topic[:60]}” is no topic: use words with dots between them, as in research.findings.")
    return topic


def check_pattern(pattern: str) -> str:
    """Raises BadMessage for what is no pattern."""
    if len(pattern) > LONGEST or not _PATTERN.fullmatch(pattern):
        raise BadMessage(f"“{pattern[:60]}” is no pattern: * stands for one word, .# at the end for any number.")
    return pattern


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    words = ["[^.]+" if word == "*" else re.escape(word) for word in pattern.split(".") if word != "#"]
    rest = r"(\..+)?" if words else ".+"
    return re.compile(r"\.".join(words) + (rest if pattern.endswith("#") else ""))


@lru_cache(maxsize=65_536)
def matches(pattern: str, topic: str) -> bool:
    """`*` stands for one word, `#` at the end for any number: `agent.#` takes agent, agent.health and agent.health.detail."""
    return _compiled(pattern).fullmatch(topic) is not None


def is_reserved(topic: str) -> bool:
    """Only the host speaks on topics of the system."""
    return topic == "system" or topic.startswith("system.")
