"""Looking at what is published again, when a rule has changed or a new kind of trouble is known."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from agents.documents import ManifestError
from marketplace.checks import linting, models, queries, running
from marketplace.checks.finding import Finding, Report
from marketplace.manifest.reading import read_json
from marketplace.models import ListingVersion
from marketplace.moderation.models import ReviewTask
from marketplace.moderation.models.reasons import ReasonCode
from marketplace.moderation.services.tasks import open_task

POINTS = 30
REASONS: dict[str, ReasonCode] = {
    "secret": ReasonCode.SECRET,
    "tenant_data": ReasonCode.TENANT_DATA,
    "hidden_text": ReasonCode.HIDDEN_TEXT,
    "injection": ReasonCode.INJECTION,
    "name": ReasonCode.NAME,
    "coherence": ReasonCode.PERMISSIONS,
    "licence": ReasonCode.LICENCE,
    "lineage": ReasonCode.LICENCE,
    "blocked": ReasonCode.MALWARE,
    "size": ReasonCode.QUALITY,
    "schema": ReasonCode.QUALITY,
}
"""Groups of rules in the words of decisions."""


@dataclass(slots=True)
class Outcome:
    """`found` counts findings by code, whatever their severity; `opened` are the versions that a person has to look at."""

    looked_at: int = 0
    found: Counter[str] = field(default_factory=Counter)
    opened: list[UUID] = field(default_factory=list)


def recheck(*, rule: str = "", only_count: bool = False) -> Outcome:
    """Look at every published version, with one rule or with all; `only_count` stores nothing and opens no task."""
    outcome = Outcome()
    for version in queries.published().iterator(chunk_size=50):
        outcome.looked_at += 1
        start = time.monotonic()
        report = _report(version, rule)
        outcome.found.update(finding.code for finding in report.findings)
        if not only_count and _keep(version, report, seconds=time.monotonic() - start, rule=rule):
            outcome.opened.append(version.pk)
    return outcome


def _report(version: ListingVersion, rule: str) -> Report:
    try:
        manifest = read_json(version.manifest)
    except ManifestError as error:
        return linting.refused(error)
    return running.check(manifest, version=version, only=rule)


@transaction.atomic
def _keep(version: ListingVersion, report: Report, *, seconds: float, rule: str) -> bool:
    """Store what was found, and whether a person has to look: at errors that were not known and are enforced."""
    known = set(models.Finding.objects.filter(run__version=version).values_list("code", "path", "evidence"))
    fresh = [each for each in report.findings if each.stops and (each.code, each.path, each.evidence) not in known]
    if report.findings or not rule:
        running.store(version, report, cause=models.CheckRun.Cause.RETRO, seconds=seconds, only=rule)
    if fresh:
        open_task(kind=ReviewTask.Kind.RETRO, about=version, reasons=_reasons(fresh), weight_info=_weight(fresh))
    return bool(fresh)


def _reasons(findings: list[Finding]) -> list[str]:
    return list(dict.fromkeys(REASONS.get(finding.group, ReasonCode.OTHER).value for finding in findings))


def _weight(findings: list[Finding]) -> dict[str, int]:
    return {finding.code: POINTS for finding in findings}
