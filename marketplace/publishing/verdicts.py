"""What the platform says by itself about a version that it has looked at."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from marketplace.checks.finding import Finding
from marketplace.moderation.models import Decision, Policy, ReasonCode
from marketplace.moderation.verdicts import Evidence, Verdict

Code = ReasonCode
REASONS = MappingProxyType(
    {
        "secret": Code.SECRET,
        "tenant_data": Code.TENANT_DATA,
        "name": Code.NAME,
        "injection": Code.INJECTION,
        "hidden_text": Code.HIDDEN_TEXT,
        "coherence": Code.PERMISSIONS,
        "licence": Code.LICENCE,
        "lineage": Code.LICENCE,
        "schema": Code.QUALITY,
        "size": Code.QUALITY,
    }
)
"""The reason that each group of checks stands for."""
RULES = MappingProxyType(
    {
        Code.SECRET: "secrets",
        Code.TENANT_DATA: "workspace-data",
        Code.NAME: "honest-names",
        Code.INJECTION: "no-orders",
        Code.HIDDEN_TEXT: "plain-text",
        Code.PERMISSIONS: "permissions",
        Code.LICENCE: "licence",
        Code.QUALITY: "quality",
    }
)
"""The rule behind each reason; where there is none, a publisher's duties."""
OTHER_RULE = "publisher-duties"
MOST_EVIDENCE = 20


def approval(why: str) -> Verdict:
    return Verdict(Decision.Action.APPROVE, reasoning=why)


def changes(findings: Sequence[Finding]) -> Verdict:
    """Ask for the changes that the enforced findings name; each is evidence, with its place and how to mend it."""
    codes = tuple(dict.fromkeys(REASONS.get(finding.group, Code.OTHER) for finding in findings))
    told = "\n".join(f"- {finding.message} {finding.fix}".rstrip() for finding in findings[:MOST_EVIDENCE])
    return Verdict(
        Decision.Action.REQUEST_CHANGES,
        reason_codes=codes,
        evidence=tuple(_evidence(finding) for finding in findings[:MOST_EVIDENCE]),
        policy=Policy.objects.get(code=RULES.get(codes[0], OTHER_RULE)),
        reasoning=f"The automatic checks found what keeps it from being published:\n{told}",
    )


def _evidence(finding: Finding) -> Evidence:
    place = f"{finding.path} (line {finding.line})" if finding.line else finding.path
    return Evidence(path=place, quote=finding.evidence, note=f"{finding.code}: {finding.message}")
