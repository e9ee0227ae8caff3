"""What is blocked, who holds it, and what has been tried without leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from marketplace.enforcement.covering import blocks_on, versions_under
from marketplace.enforcement.models import Block
from marketplace.models import InstallLedger, ListingVersion
from tenants.provenance.models import Revocation, ViolationReport

VIOLATING_DAYS = 30
ENOUGH_WORKSPACES = 3


def effective(version: ListingVersion) -> Block | None:
    """The most severe block in force on this version, the oldest of equals; None where there is none."""
    return most_severe(blocks_on(version).select_related("version", "listing", "publisher"))


def most_severe(blocks: Iterable[Block]) -> Block | None:
    return min(blocks, key=lambda block: (-block.severity, block.effective_at), default=None)


def blocked_digests() -> frozenset[str]:
    """Digests that may run nowhere: nothing that is made from them is published."""
    stopped = Revocation.objects.filter(kind=Revocation.Kind.HARD, lifted_at__isnull=True, digest__startswith="sha256:")
    return frozenset(stopped.values_list("digest", flat=True))


def holders(block: Block) -> list[UUID]:
    """The workspaces that hold something that the block covers."""
    held = InstallLedger.objects.filter(listing_version__in=versions_under(block), state=InstallLedger.State.INSTALLED)
    return list(held.values_list("tenant_id", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Accused:
    """A version whose runs tried things without leave in several workspaces. `codes` are the kinds of permission."""

    version: ListingVersion
    workspaces: int
    codes: tuple[str, ...]


def accused(*, least: int = ENOUGH_WORKSPACES, days: int = VIOLATING_DAYS) -> list[Accused]:
    """Versions reported by `least` distinct workspaces in the last `days`, for the platform's people to look at."""
    since = timezone.now() - timedelta(days=days)
    found = (
        ViolationReport.objects.filter(created_at__gte=since)
        .values("digest")
        .annotate(workspaces=Count("tenant_id", distinct=True))
        .filter(workspaces__gte=least)
    )
    counts = {row["digest"]: row["workspaces"] for row in found}
    versions = ListingVersion.objects.filter(digest__in=counts).select_related("listing__publisher")
    return [Accused(version, counts[version.digest], _codes(version.digest, since)) for version in versions]


def workspaces_since(version: ListingVersion, since: datetime) -> int:
    """In how many workspaces its runs tried something without leave after `since`."""
    reports = ViolationReport.objects.filter(digest=version.digest, created_at__gt=since)
    return reports.values("tenant_id").distinct().count()


def _codes(digest: str, since: datetime) -> tuple[str, ...]:
    rows = ViolationReport.objects.filter(Q(digest=digest, created_at__gte=since))
    return tuple(sorted(set(rows.values_list("code", flat=True))))
