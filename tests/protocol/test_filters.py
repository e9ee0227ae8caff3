"""The language of content filters: what it finds, and that it holds nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from agents.protocol.errors import BadFilter, BadMessage
from agents.protocol.filters import Filter
from agents.protocol.messages import Draft, seal
from agents.protocol.terms import Terms
from agents.protocol.topics import check_topic, matches

MESSAGE = seal(
    Draft(
        "alice",
        {"score": 0.8, "tags": ["price", "eu"], "who": {"name": "Ada Lovelace"}, "done": True, "n": 1},
        topic="findings.price",
        headers={"lang": "en"},
        priority=7,
    )
)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"field": "sender", "equals": "alice"}, True),
        ({"field": "topic", "starts_with": "findings."}, True),
        ({"field": "priority", "above": 6}, True),
        ({"field": "headers.lang", "one_of": ["de", "en"]}, True),
        ({"field": "headers.country", "exists": False}, True),
        ({"field": "headers.country", "differs": "x"}, False),
        ({"field": "content.score", "below": 0.8}, False),
        ({"field": "content.tags", "contains": "eu"}, True),
        ({"field": "content.who.name", "contains": "lovelace"}, True),
        ({"field": "content.done", "equals": 1}, False),
        ({"field": "content.n", "equals": 1.0}, True),
        ({"field": "content.n.m", "exists": True}, False),
        ({"none": [{"field": "sender", "equals": "bob"}]}, True),
        ({"any": [{"field": "sender", "equals": "bob"}, {"field": "content.n", "above": 0}]}, True),
        ({"all": [{"field": "sender", "equals": "alice"}, {"none": [{"field": "content.n", "above": 0}]}]}, False),
    ],
)
def test_matches(condition: dict[str, Any], found: bool) -> None:
    assert Filter.of(condition)(MESSAGE) is found


@pytest.mark.parametrize(
    "condition",
    [
        {},
        [],
        {"field": "sender"},
        {"field": "__class__", "equals": "x"},
        {"field": "body", "equals": "x"},
        {"field": "headers", "equals": "x"},
        {"field": "sender", "equals": "a", "above": 1},
        {"field": "sender", "matches": ".*"},
        {"field": "content.n", "above": "1"},
        {"field": "content.n", "one_of": []},
        {"field": "content.n", "equals": {"a": 1}},
        {"all": []},
        {"all": [{"field": "sender", "equals": "a"}] * 21},
        {"all": [{"any": [{"none": [{"field": "sender", "equals": "a"}]}]}]},
    ],
)
def test_refused(condition: Any) -> None:
    with pytest.raises(BadFilter):
        Filter.of(condition)


@pytest.mark.parametrize(
    ("pattern", "topic", "found"),
    [
        ("agent.health", "agent.health", True),
        ("agent.*", "agent.health", True),
        ("agent.*", "agent", False),
        ("agent.*", "agent.health.detail", False),
        ("*.health", "agent.health", True),
        ("agent.#", "agent", True),
        ("agent.#", "agent.health.detail", True),
        ("agent.#", "agents", False),
        ("#", "anything.at.all", True),
    ],
)
def test_patterns(pattern: str, topic: str, found: bool) -> None:
    assert matches(pattern, topic) is found


@pytest.mark.parametrize("topic", ["", "a..b", ".a", "a b", "a.*", "x" * 121])
def test_no_topic(topic: str) -> None:
    with pytest.raises(BadMessage):
        check_topic(topic)


@pytest.mark.parametrize("pattern", ["a.#.b", "a.b*", "", "#.a"])
def test_no_pattern(pattern: str) -> None:
    with pytest.raises(BadMessage):
        Terms(topics=(pattern,))
