"""Looking at a manifest with every rule that is switched on, and keeping what was found."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from marketplace.checks import models, queries
from marketplace.checks.finding import Finding, Report, Severity
from marketplace.checks.rules import CHECKS, CODES, RELEASE
from marketplace.checks.shingles import bands_of, fingerprint_of, text_of
from marketplace.checks.subject import Subject, Surroundings
from marketplace.manifest.envelope import Manifest
from marketplace.models import ListingVersion, Publisher
from tenants.models import Tenant, User

SHOWN = 4
MOST = 200
"""Findings of one group: who has more of them is not helped by the rest."""
Cause = models.CheckRun.Cause
Verdict = models.Finding.Verdict


def check(
    manifest: Manifest,
    *,
    version: ListingVersion | None = None,
    publisher: Publisher | None = None,
    tenant: Tenant | None = None,
    source: str = "",
    only: str = "",
) -> Report:
    """Look at a manifest. What is known of `version`, `publisher` and `tenant` is held against it; `source` is the YAML to count lines in.

    `only` names a single rule, for looking at old versions when it has changed.
    """
    if version is not None and publisher is None:
        publisher = version.listing.publisher
    if tenant is None and publisher is not None and publisher.tenant_id:
        tenant = Tenant.objects.filter(pk=publisher.tenant_id).first()
    around = queries.surroundings(manifest, publisher=publisher, tenant=tenant)
    findings = look(manifest, around, source=source)
    if only:
        findings = tuple(finding for finding in findings if finding.code == only)
    return _judged(findings, version.listing_id if version else None, only=only)


def look(manifest: Manifest, around: Surroundings, *, source: str = "") -> tuple[Finding, ...]:
    """What every rule says, whatever its mode. No database."""
    subject = Subject(manifest, around, source, mask)
    return tuple(finding for each in CHECKS for finding in islice(each.look(subject), MOST))


def mask(secret: str) -> str:
    """Four characters and a hash that only this installation can compute: enough to know it again, not enough to guess it."""
    digest = salted_hmac("marketplace.checks.evidence", secret, algorithm="sha256").hexdigest()
    return f"{secret[:SHOWN]}… #{digest[:16]}"


@transaction.atomic
def store(
    version: ListingVersion, report: Report, *, cause: str = Cause.SUBMITTED, seconds: float = 0.0, only: str = ""
) -> models.CheckRun:
    """Keep what was found in a version, by every rule or by `only` one."""
    run = models.CheckRun.objects.create(
        version=version,
        digest=version.digest,
        cause=cause,
        passed=report.passed,
        missing=list(report.missing),
        rules=[only] if only else sorted(code for code, rule in queries.rules().items() if rule.enabled),
        release=RELEASE,
        seconds=seconds,
    )
    models.Finding.objects.bulk_create(_row(run, finding) for finding in report.findings)
    return run


def keep_fingerprint(version: ListingVersion, manifest: Manifest) -> None:
    """Remember the words of a version. Called when it is submitted; a text too short to recognise leaves none."""
    rows = fingerprint_of(text_of(manifest))
    if rows:
        models.Fingerprint.objects.update_or_create(
            version=version, defaults={"rows": list(rows), "bands": bands_of(rows)}
        )


def check_version(
    version: ListingVersion, manifest: Manifest, *, tenant: Tenant | None = None, cause: str = Cause.SUBMITTED
) -> models.CheckRun:
    """Look at a stored version, keep what was found and its fingerprint."""
    start = time.monotonic()
    report = check(manifest, version=version, tenant=tenant)
    keep_fingerprint(version, manifest)
    return store(version, report, cause=cause, seconds=time.monotonic() - start)


@transaction.atomic
def set_verdict(finding_id: UUID, *, verdict: str, by: User) -> models.Finding:
    """Say whether a finding was right; a false alarm is not held against the listing's next version."""
    found = models.Finding.objects.select_for_update().get(pk=finding_id)
    found.verdict = Verdict(verdict)
    found.verdict_by_id = None if found.verdict == Verdict.OPEN else by.pk
    found.verdict_by_name = "" if found.verdict == Verdict.OPEN else by.name or by.email
    found.verdict_at = None if found.verdict == Verdict.OPEN else timezone.now()
    found.save(update_fields=["verdict", "verdict_by_id", "verdict_by_name", "verdict_at", "updated_at"])
    return found


def _judged(findings: tuple[Finding, ...], listing_id: UUID | None, *, only: str) -> Report:
    """With each rule's mode; what staff has called a false alarm in this listing stays in sight and stops nothing."""
    rules = queries.rules()
    forgiven = queries.false_alarms(listing_id) if listing_id else frozenset()
    off = {code for code, rule in rules.items() if not rule.enabled}
    enforced = {code for code, rule in rules.items() if rule.enforced}
    kept = (replace(finding, enforced=finding.code in enforced) for finding in findings if finding.code not in off)
    missing = () if only else tuple(sorted(c for c, rule in rules.items() if rule.required and c not in CODES))
    return Report(tuple(_forgiven(finding) if _key(finding) in forgiven else finding for finding in kept), missing)


def _key(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.evidence


def _forgiven(finding: Finding) -> Finding:
    return replace(finding, severity=Severity.INFO, message=f"{finding.message} Staff has judged this a false alarm.")


def _row(run: models.CheckRun, finding: Finding) -> models.Finding:
    return models.Finding(
        run=run,
        code=finding.code,
        severity=finding.severity.value,
        path=finding.path[:500],
        line=finding.line,
        column=finding.column,
        message=finding.message,
        fix=finding.fix,
        evidence=finding.evidence[:40],
        enforced=finding.enforced,
    )
