"""What the checks say about a version: looked at once for each content, and kept."""

from __future__ import annotations

from marketplace.checks import models, queries, running
from marketplace.checks.finding import Finding, Report, Severity
from marketplace.manifest.reading import read_json
from marketplace.models import ListingVersion


def report_of(version: ListingVersion) -> Report:
    """The kept report on the version as it is now, made when there is none. The caller holds the version's lock."""
    there = kept(version)
    return there if there is not None else _report(running.check_version(version, read_json(version.manifest)))


def kept(version: ListingVersion) -> Report | None:
    """The last report on this content; None when it was not looked at yet."""
    run = queries.newest_run(version)
    return _report(run) if run is not None and run.digest == version.digest else None


def _report(run: models.CheckRun) -> Report:
    return Report(tuple(_finding(row) for row in run.findings.all()), tuple(run.missing))


def _finding(row: models.Finding) -> Finding:
    return Finding(
        code=row.code,
        severity=Severity(row.severity),
        path=row.path,
        line=row.line,
        message=row.message,
        fix=row.fix,
        column=row.column,
        evidence=row.evidence,
        enforced=row.enforced,
    )
