"""How rules are listed: in groups that look at a manifest together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from marketplace.checks.finding import Finding
from marketplace.checks.subject import Subject

Look = Callable[[Subject], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """`codes` names each rule of the group with what it is about."""

    group: str
    codes: Mapping[str, str]
    look: Look
