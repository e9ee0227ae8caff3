"""Something on the market to block, and who blocks it."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

import marketplace
from marketplace.enforcement import services
from marketplace.enforcement.models import Block
from marketplace.manifest.canonical import as_document
from marketplace.manifest.reading import read_yaml
from marketplace.models import InstallLedger, Listing, ListingVersion, Publisher
from marketplace.moderation.actors import Actor, moderator
from tenants.models import Tenant, User

MANIFEST = Path(marketplace.__file__).parent / "catalogue" / "document-analyst.yaml"
REASON = "It sends what it reads elsewhere."


def a_version(slug: str = "reader", *, digest: str, publisher: str = "globex", semver: str = "1.0.0") -> ListingVersion:
    """A published version as far as blocks look at it; its manifest is one of our own."""
    owner, _ = Publisher.objects.get_or_create(namespace=publisher, defaults={"display_name": publisher.title()})
    listing, _ = Listing.objects.get_or_create(
        publisher=owner,
        slug=slug,
        defaults={"kind": "agent", "title": slug.title(), "summary": "Reads.", "description": "Reads.", "category": "other"},
    )  # fmt: skip
    return ListingVersion.objects.create(
        listing=listing,
        semver=semver,
        manifest=as_document(read_yaml(MANIFEST.read_bytes())),
        digest=digest,
        size=2,
        risk=1,
        review_state="published",
        submitted_at=timezone.now(),
        published_at=timezone.now(),
    )


def held_by(version: ListingVersion, *tenants: Tenant) -> None:
    InstallLedger.objects.bulk_create(
        InstallLedger(tenant_id=tenant.pk, listing=version.listing, listing_version=version, digest=version.digest)
        for tenant in tenants
    )


def hard(version: ListingVersion, by: User) -> Block:
    return services.block(kind="hard", scope="version", target=version, reason=REASON, by=moderator(by))


def second(name: str = "Second") -> Actor:
    """Another moderator."""
    user = User.objects.create_user(f"{name.lower()}@guildhall.example", "correct horse", name=name, is_staff=True)
    return moderator(user)
