"""How far an installation may go, as its crew, agent or scenario carries it: what the permissions' codes alone do not say."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from marketplace.manifest.envelope import Manifest
from marketplace.manifest.permissions import Risk


def bounds_of(manifest: Manifest, granted: Collection[str]) -> dict[str, Any]:
    """`{"risk", "scopes", "approvals", "usd"}` for the permissions among `granted`.

    `scopes` are the methods and operations that are allowed under a code, as `code#what`; `approvals` name the tools that a person
    allows each time; `usd` is what one run may spend, None where no budget was asked for.
    """
    given = [each for each in manifest.permissions if each.meaning().code in granted]
    amounts = [each.amount() for each in given if each.meaning().code == "budget"]
    return {
        "risk": int(max((each.meaning().risk for each in given), default=Risk.LOW)),
        "scopes": sorted(scope for each in given for scope in each.scopes()),
        "approvals": sorted(manifest.approvals),
        "usd": min(amounts) if amounts else None,
    }
