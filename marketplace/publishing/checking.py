"""What the checks say about a version: looked at once for each content, and kept."""

from __future__ import annotations

from marketplace.checks import running
from marketplace.checks.finding import Report
from marketplace.manifest.reading import read_json
from marketplace.models import ListingVersion
from tenants.models import Tenant


def report_of(version: ListingVersion) -> Report:
    """The kept report on the version as it is now, made when there is none. The caller holds the version's lock."""
    kept = running.kept(version)
    if kept is not None:
        return kept
    publisher = version.listing.publisher
    tenant = Tenant.objects.filter(pk=publisher.tenant_id).first() if publisher.tenant_id else None
    report = running.check(read_json(version.manifest), version=version, publisher=publisher, tenant=tenant)
    running.store(version, report)
    return report
