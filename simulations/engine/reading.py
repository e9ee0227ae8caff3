"""Which observations those who decide really look at: nobody need observe the others."""

from __future__ import annotations

from simulations.engine.decisions import DecisionPolicy
from simulations.engine.policies.rules import RulePolicy


def fields_read(policy: DecisionPolicy, archetype: str) -> frozenset[str] | None:
    """The fields that rules name; None: all of them may matter."""
    if not isinstance(policy, RulePolicy) or archetype not in policy.rules:
        return None
    lines = policy.rules[archetype].lines
    return frozenset(name for line in lines for _, expression in line.expressions for name in expression.names)
