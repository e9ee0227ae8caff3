"""Where a version goes, from what is known of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from marketplace.checks.finding import Finding, Severity
from marketplace.publishing.directing import Facts, To, route

GOOD = Facts(for_everybody=True, risk="low", standing="good", human_approvals=1, evaluated=True, good=True)
WRONG = Finding("secret.key", Severity.ERROR, "spec", 3, "A key.", "Take it out.")


def test_only_what_speaks_for_no_look_at_all_goes_by_itself() -> None:
    assert route(GOOD).to == To.MARKET


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"risk": "medium"}, "risk_medium"),
        ({"human_approvals": 0}, "no_human_approval"),
        ({"standing": "warned"}, "standing"),
        ({"widens": True}, "wider"),
        ({"evaluated": False, "good": False}, "not_evaluated"),
        ({"good": False}, "evaluation_failed"),
        ({"worse": True}, "regression"),
        ({"featured": True}, "featured"),
        ({"missing_checks": ("secret.key",)}, "unchecked:secret.key"),
        ({"findings": (replace(WRONG, severity=Severity.WARNING),)}, "check:secret"),
    ],
)
def test_each_reason_alone_brings_a_person(change: dict[str, Any], reason: str) -> None:
    chosen = route(replace(GOOD, **change))
    assert (chosen.to, chosen.reasons) == (To.PERSON, [reason])


def test_a_rule_on_trial_stops_nothing_and_an_enforced_one_sends_back() -> None:
    assert route(replace(GOOD, findings=(replace(WRONG, enforced=False),))).to == To.MARKET
    assert route(replace(GOOD, findings=(WRONG,))).to == To.AUTHOR
    private = replace(GOOD, for_everybody=False, risk="high", human_approvals=0)
    assert route(private).to == To.MARKET
    assert route(replace(private, findings=(WRONG,))).to == To.AUTHOR


def test_how_many_have_it_weighs_and_is_no_reason() -> None:
    chosen = route(replace(GOOD, holders=400, widens=True))
    assert (chosen.points["reach"], chosen.reasons) == (50, ["wider"])
    assert route(replace(GOOD, holders=3)).to == To.MARKET
