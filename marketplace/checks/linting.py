"""Reading a manifest as its author has it, with everything that is wrong with it and where."""

from __future__ import annotations

from dataclasses import dataclass

from agents.documents import ManifestError, Problem
from marketplace.checks import running
from marketplace.checks.finding import Finding, Report, Severity
from marketplace.manifest.canonical import digest
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_yaml
from marketplace.models import Publisher
from tenants.models import Tenant

FIXES = {
    "missing": "Add this entry.",
    "extra_forbidden": "Take it out, or look at the schema for how it is spelt.",
    "duplicate": "Rename or remove one of them.",
    "yaml": "Look at the line above, too: a colon, a quote or a space is missing or too many.",
    "too_large": "Put long material into documents.",
    "not_asked": "Add it under permissions, with a reason.",
    "not_required": "Add it under requires.tools.",
    "unused": "Take it out.",
    "example": "Change the example, or the schema under inputs.",
    "string_type": "Put it in quotes.",
    "alias": "Write the value out.",
    "tag": "Write plain data.",
}
FIX = "Correct it here; the schema of manifests says what may stand in this place."


@dataclass(frozen=True, slots=True)
class Linted:
    """`manifest` is None for a text that is none; then `report` says why, and nothing else was looked at."""

    manifest: Manifest | None
    report: Report

    @property
    def digest(self) -> str:
        return digest(self.manifest) if self.manifest else ""


def lint(source: str, *, publisher: Publisher | None = None, tenant: Tenant | None = None) -> Linted:
    """Everything that can be said of a manifest's text, with line and column in it."""
    try:
        manifest = read_yaml(source)
    except ManifestError as error:
        return Linted(None, refused(error))
    return Linted(manifest, running.check(manifest, publisher=publisher, tenant=tenant, source=source))


def refused(error: ManifestError) -> Report:
    """The problems of what cannot be read as a manifest, in the form of findings."""
    return Report(tuple(_finding(problem) for problem in error.problems))


def _finding(problem: Problem) -> Finding:
    code, fix = f"schema.{problem.code}", FIXES.get(problem.code, FIX)
    return Finding(code, Severity.ERROR, problem.field, problem.line, problem.detail, fix, problem.column)
