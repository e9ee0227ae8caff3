"""Workspaces that run a listing of Acme's, as many as a test wants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from marketplace.models import ListingVersion, Publisher
from marketplace.publishing.services.builtin import CATALOGUE, publish_builtin
from tenants.models import Membership, Tenant, User
from tenants.provenance.models import RunOutcome

Ran = Callable[..., None]


@pytest.fixture
def version(db: None, acme: Tenant) -> ListingVersion:
    found = publish_builtin(path=CATALOGUE / "document-analyst.yaml")
    Publisher.objects.filter(pk=found.listing.publisher_id).update(tenant_id=acme.pk, display_name="Acme Works")
    return ListingVersion.objects.select_related("listing__publisher").get(pk=found.pk)


@pytest.fixture
def houses(db: None) -> list[Tenant]:
    """Six workspaces, each with an owner of its own; rows alone, as no run of theirs is real."""
    made = []
    for number in range(6):
        tenant = Tenant.objects.create(name=f"House {number}", slug=f"house-{number}", schema_name=f"t_house_{number}")
        owner = User.objects.create_user(f"owner{number}@houses.example", None)
        Membership.objects.create(user=owner, tenant=tenant, role=Membership.Role.OWNER)
        made.append(tenant)
    return made


@pytest.fixture
def ran(version: ListingVersion) -> Ran:
    """Runs of the version that ended in these workspaces in turn; `cost` and `seconds` of the n-th are n times theirs."""

    def end(
        tenants: list[Tenant],
        runs: int,
        *,
        status: str = "succeeded",
        reason: str = "",
        model: str = "small",
        cost: float = 0.01,
        seconds: float = 10.0,
        ago: timedelta = timedelta(hours=1),
    ) -> None:
        ended: datetime = timezone.now() - ago
        RunOutcome.objects.bulk_create(
            RunOutcome(
                digest=version.digest,
                tenant_id=tenants[number % len(tenants)].pk,
                run_id=uuid4(),
                kind="run",
                status=status,
                stop_reason=reason,
                model=model,
                cost=cost * (number + 1),
                tokens=100 * (number + 1),
                seconds=seconds * (number + 1),
                ended_at=ended,
            )
            for number in range(runs)
        )

    return end


@pytest.fixture
def address(version: ListingVersion) -> str:
    return f"/market/{version.listing.publisher.namespace}/{version.listing.slug}/figures/"


@pytest.fixture
def api_address(version: ListingVersion) -> str:
    return f"/api/v1/marketplace/listings/{version.listing.publisher.namespace}/{version.listing.slug}/figures/"
