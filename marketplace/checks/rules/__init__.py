"""Every check, in the order in which people read what was found."""

from __future__ import annotations

from marketplace.checks.rules import blocked, coherence, hidden_text, injection, licence, names, sizes, tenant_data
from marketplace.checks.rules.secrets import check as secrets

RELEASE = "2026.11"
"""Of the rules; another one when they find something else."""
CHECKS = (
    blocked.CHECK,
    secrets.CHECK,
    tenant_data.CHECK,
    hidden_text.CHECK,
    injection.CHECK,
    names.CHECK,
    coherence.CHECK,
    licence.CHECK,
    licence.LINEAGE,
    sizes.CHECK,
)
CODES: dict[str, str] = {code: title for check in CHECKS for code, title in check.codes.items()}
