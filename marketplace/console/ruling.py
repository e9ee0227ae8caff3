"""How the checks' rules are used: what a change would hit, and the change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from marketplace.checks import queries, running
from marketplace.checks.finding import Severity
from marketplace.checks.models import CheckRule
from marketplace.console import roles
from marketplace.console.queries.subject import readable
from marketplace.models import Listing
from marketplace.moderation import activity
from marketplace.moderation.actors import moderator
from tenants.errors import Invalid, NotFound
from tenants.models import Tenant, User

MODES: Final[dict[str, dict[str, bool]]] = {
    "off": {"enabled": False, "enforced": False, "required": False},
    "monitor": {"enabled": True, "enforced": False, "required": False},
    "enforced": {"enabled": True, "enforced": True, "required": False},
    "required": {"enabled": True, "enforced": True, "required": True},
}
WORDS: Final = {
    "off": "Off",
    "monitor": "Recorded, stops nothing",
    "enforced": "Keeps a version from being published",
    "required": "The same, and nothing passes without it",
}
MOST_LOOKED_AT = 200
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Hits:
    """Listings on the market whose current version a rule would stop, among those that were looked at."""

    looked_at: int
    listings: tuple[Listing, ...]

    @property
    def named(self) -> tuple[Listing, ...]:
        return self.listings[:MOST_NAMED]


def would_hit(code: str) -> Hits:
    """Try a rule, whatever its mode, on the newest published listings."""
    published = Listing.objects.filter(published_at__isnull=False, current_version__isnull=False)
    newest = published.select_related("publisher", "current_version").order_by("-published_at")[:MOST_LOOKED_AT]
    looked = list(newest)
    homes = Tenant.objects.in_bulk({each.publisher.tenant_id for each in looked if each.publisher.tenant_id})
    return Hits(len(looked), tuple(each for each in looked if _hits(code, each, homes)))


def _hits(code: str, listing: Listing, homes: dict[UUID, Tenant]) -> bool:
    version = listing.current_version
    manifest = readable(version.manifest) if version is not None else None
    if manifest is None:
        return False
    home = homes.get(listing.publisher.tenant_id) if listing.publisher.tenant_id else None
    around = queries.surroundings(manifest, publisher=listing.publisher, tenant=home)
    return any(found.code == code and found.severity is Severity.ERROR for found in running.look(manifest, around))


@transaction.atomic
def set_mode(rule_id: UUID, *, mode: str, by: User) -> CheckRule:
    """Use a rule otherwise, from the next submission on."""
    roles.require_senior(by)
    if mode not in MODES:
        raise Invalid("A rule is off, recorded, enforced or required.")
    rule = CheckRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise NotFound("There is no such rule.")
    was = rule.mode
    for name, value in MODES[mode].items():
        setattr(rule, name, value)
    rule.save(update_fields=[*MODES[mode], "updated_at"])
    activity.record("rule.changed", rule, by=moderator(by), was=was, now=mode)
    return rule
