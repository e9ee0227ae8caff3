"""A listing of Acme's that Globex has run: mallory may judge it, alice and victor may not."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.publishing.services.builtin import CATALOGUE, publish_builtin
from tenants.context import PUBLIC, enter
from tenants.models import Membership, Tenant, User
from tenants.provenance.models import RunOutcome
from tests.cast import workspace
from tests.servers.database import Settled

Ran = Callable[..., None]
SomebodyElse = Callable[[str], User]


@pytest.fixture(scope="module")
def _published(settled: Settled) -> UUID:
    """One of our own listings, handed to Acme; for all tests of a module."""
    with settled(), enter(PUBLIC):
        found = publish_builtin(path=CATALOGUE / "document-analyst.yaml")
        theirs = {"tenant_id": workspace("acme").pk, "display_name": "Acme Works"}
        Publisher.objects.filter(pk=found.listing.publisher_id).update(**theirs)
    return found.pk


@pytest.fixture
def version(_published: UUID, db: None) -> ListingVersion:
    return ListingVersion.objects.select_related("listing__publisher").get(pk=_published)


@pytest.fixture
def listing(version: ListingVersion) -> Listing:
    return version.listing


@pytest.fixture
def ran(version: ListingVersion) -> Ran:
    """So many runs of the version ended in a workspace."""

    def end(tenant: Tenant, times: int = 1, *, status: str = "succeeded") -> None:
        RunOutcome.objects.bulk_create(
            RunOutcome(
                digest=version.digest,
                tenant_id=tenant.pk,
                run_id=uuid4(),
                kind="run",
                status=status,
                ended_at=timezone.now(),
            )
            for _ in range(times)
        )

    return end


@pytest.fixture
def address(listing: Listing) -> str:
    return f"/market/{listing.publisher.namespace}/{listing.slug}/reviews/"


@pytest.fixture
def api_address(listing: Listing) -> str:
    return f"/api/v1/marketplace/listings/{listing.publisher.namespace}/{listing.slug}/reviews/"


@pytest.fixture
def colleague(globex: Tenant) -> SomebodyElse:
    """Another member of Globex, by their first name."""

    def join(name: str) -> User:
        user = User.objects.create_user(f"{name}@globex.example", None, name=name.title())
        Membership.objects.create(user=user, tenant=globex, role=Membership.Role.VIEWER)
        return user

    return join
