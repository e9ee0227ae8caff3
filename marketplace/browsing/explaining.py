"""Why a search shows its listings in this order, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from marketplace.browsing import standing
from marketplace.browsing.matching import Hit, Tier
from marketplace.browsing.standing import Standing
from marketplace.evidence.figures import in_workspaces

MATCHES = {
    Tier.EXACT: "it has this very name",
    Tier.NAME: "its name has these words",
    Tier.TEXT: "its text has these words",
    Tier.SIMILAR: "its words are spelt alike",
}


def explained(hits: Iterable[Hit], shown: Collection[UUID], *, q: str) -> dict[UUID, str]:
    """A sentence for each of `shown`: what counted first stands first. Without words, nothing is said of them."""
    standings = standing.explain(shown)
    return {hit.id: _sentence(hit if q else None, standings[hit.id]) for hit in hits if hit.id in standings}


def _sentence(hit: Hit | None, stands: Standing) -> str:
    parts = [f"{MATCHES[hit.tier]} (fit {hit.text:.2f})"] if hit else []
    parts += [
        f"{in_workspaces(stands.workspaces)} use it",
        (
            f"quality {stands.quality:.2f}: reviews {stands.rating:.2f}, own cases {stands.evaluation:.2f}, real runs {stands.success:.2f}, "
            f"health {stands.health_part:.2f}, few permissions {stands.restraint:.2f}, recent {stands.freshness:.2f}"
        ),
    ]
    if stands.health == "degraded":
        parts.append("moved down because it works less well than it did")
    if not stands.trusted:
        parts.append("too little used, and its publisher not verified, to lead by its name alone")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."
