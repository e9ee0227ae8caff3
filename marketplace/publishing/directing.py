"""Where a checked and evaluated version goes: onto the market, to a person, or back to its author. Pure: facts in, a route out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from marketplace.checks.finding import Finding, Severity

POINTS = {
    "risk_medium": 20,
    "risk_high": 60,
    "no_human_approval": 30,
    "standing": 60,
    "finding": 20,
    "wider": 40,
    "evaluation_failed": 30,
    "not_evaluated": 10,
    "regression": 30,
    "featured": 40,
    "reach": 1,
}
MOST_REACH = 50


class To(StrEnum):
    MARKET = "market"
    PERSON = "person"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a version when its checks and its evaluation are done.

    `risk` is low, medium or high; `holders` how many workspaces have the listing; `evaluated`: its cases could be tried, `good`: as
    often as promised, `worse`: notably less often than those of the version on the market.
    """

    for_everybody: bool
    risk: str
    standing: str
    human_approvals: int
    findings: tuple[Finding, ...] = ()
    missing_checks: tuple[str, ...] = ()
    widens: bool = False
    evaluated: bool = False
    good: bool = False
    worse: bool = False
    featured: bool = False
    holders: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """`points` are what the weight in the queue is made of; `reasons` are their names, in the order of weight."""

    to: To
    points: dict[str, int] = field(default_factory=dict)

    @property
    def reasons(self) -> list[str]:
        return [
            name
            for name, points in sorted(self.points.items(), key=lambda each: -each[1])
            if name != "reach" and points
        ]


def route(facts: Facts) -> Route:
    """To the author for what is enforced and wrong; a version for few goes through then; one for everybody only if nothing speaks for a look."""
    points = points_of(facts)
    if any(finding.stops for finding in facts.findings):
        return Route(To.AUTHOR, points)
    if not facts.for_everybody:
        return Route(To.PERSON if facts.missing_checks else To.MARKET, points)
    speaks_for_a_look = [name for name in points if name != "reach"]
    return Route(To.PERSON if speaks_for_a_look else To.MARKET, points)


def points_of(facts: Facts) -> dict[str, int]:
    """Everything that a person should look at, with its weight."""
    said = {
        f"risk_{facts.risk}": facts.risk != "low",
        "no_human_approval": facts.human_approvals == 0,
        "standing": facts.standing != "good",
        "wider": facts.widens,
        "not_evaluated": not facts.evaluated,
        "evaluation_failed": facts.evaluated and not facts.good,
        "regression": facts.worse,
        "featured": facts.featured,
    }
    points = {name: POINTS[name] for name, holds in said.items() if holds}
    for finding in facts.findings:
        if finding.enforced and finding.severity is not Severity.INFO:
            points[f"check:{finding.group}"] = points.get(f"check:{finding.group}", 0) + POINTS["finding"]
    for missing in facts.missing_checks:
        points[f"unchecked:{missing}"] = POINTS["finding"]
    if facts.holders:
        points["reach"] = min(facts.holders, MOST_REACH) * POINTS["reach"]
    return points
