"""What a rule says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was noticed. `path` as people write it, `line` and `column` from 1 in the YAML that was checked, None without.

    `evidence` is never the thing itself where that is secret: its first four characters and a keyed hash.
    `enforced` says that a finding of severity error keeps the version from being published.
    """

    code: str
    severity: Severity
    path: str
    line: int | None
    message: str
    fix: str
    column: int | None = None
    evidence: str = ""
    enforced: bool = True

    @property
    def group(self) -> str:
        return self.code.partition(".")[0]

    @property
    def stops(self) -> bool:
        return self.enforced and self.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Report:
    """`passed`: nothing that is enforced was found wrong, and every required rule was looked at; `missing` are those that were not."""

    findings: tuple[Finding, ...]
    missing: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.missing and not any(finding.stops for finding in self.findings)

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(finding.code for finding in self.findings)
