"""How far the permissions of a manifest go, for the run that is bound by them."""

from __future__ import annotations

from typing import Any

from marketplace.manifest.envelope import Manifest
from marketplace.manifest.permissions import BudgetPermission, NetworkPermission, ToolPermission


def bounds_of(manifest: Manifest) -> dict[str, Any]:
    """Methods by host, operations by tool, tools that need a person, US dollars of one run, the risk of it all; the rest is left out."""
    found = manifest.permissions
    methods = {each.host: list(each.methods) for each in found if isinstance(each, NetworkPermission)}
    operations = {
        each.tool: list(each.operations) for each in found if isinstance(each, ToolPermission) and each.operations
    }
    usd = min((each.usd for each in found if isinstance(each, BudgetPermission)), default=None)
    told = {
        "methods": methods,
        "operations": operations,
        "approvals": list(manifest.approvals),
        "usd": usd,
        "risk": int(manifest.risk),
    }
    return {name: value for name, value in told.items() if value}
