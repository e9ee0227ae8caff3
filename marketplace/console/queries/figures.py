"""The numbers of the console's first page."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from marketplace.models import InstallLedger, Listing
from projects.faults.recovery import latest
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it says, and where it leads."""

    title: str
    number: int | str
    note: str
    url: str


def of_the_house() -> list[Figure]:
    """What there is, and how well runs recover."""
    offered = Listing.objects.filter(published_at__isnull=False).count()
    installed = InstallLedger.objects.filter(state=InstallLedger.State.INSTALLED).count()
    suspended = Tenant.objects.filter(status=Tenant.Status.SUSPENDED).count()
    active = Tenant.objects.filter(status=Tenant.Status.ACTIVE).count()
    tenants = reverse("admin:tenants_tenant_changelist")
    return [
        Figure("On the market", offered, "listings", reverse("admin:marketplace_listing_changelist")),
        Figure("Installed", installed, "in workspaces", reverse("admin:marketplace_installledger_changelist")),
        Figure("Workspaces", active, f"and {suspended} suspended", tenants),
        *_recovered(tenants),
    ]


def _recovered(url: str) -> list[Figure]:
    """Of the runs that something disturbed, how many succeeded without a person."""
    return [
        Figure(
            f"Recovered by itself, {words}",
            "–" if share.rate is None else f"{100 * share.rate:.0f} %",
            f"{share.recovered} of {share.disturbed} disturbed runs",
            url,
        )
        for words, share in zip(("24 hours", "30 days"), (latest().day, latest().month), strict=True)
    ]
