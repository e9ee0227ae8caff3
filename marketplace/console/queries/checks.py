"""What the checks found, and how often each rule was wrong."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from marketplace.checks.models import CheckRun, Finding
from marketplace.models import ListingVersion


@dataclass(frozen=True, slots=True)
class Alarms:
    """Of the findings of one rule that somebody judged."""

    judged: int
    false: int

    @property
    def share(self) -> str:
        return f"{100 * self.false / self.judged:.0f} % of {self.judged}"


def newest_run(version: ListingVersion | None) -> CheckRun | None:
    if version is None:
        return None
    return CheckRun.objects.filter(version=version).order_by("-created_at", "-id").first()


def findings_of(version: ListingVersion | None) -> list[Finding]:
    """Of the newest look, the worst first."""
    run = newest_run(version)
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(run.findings.all(), key=lambda found: order[found.severity]) if run else []


def false_alarms() -> dict[str, Alarms]:
    judged = Q(verdict__in=[Finding.Verdict.TRUE, Finding.Verdict.FALSE])
    rows = Finding.objects.filter(judged).values("code").order_by()
    counted = rows.annotate(judged=Count("pk"), false=Count("pk", filter=Q(verdict=Finding.Verdict.FALSE)))
    return {row["code"]: Alarms(row["judged"], row["false"]) for row in counted}
