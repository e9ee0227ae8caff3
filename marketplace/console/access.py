"""From an address in the console to its row. Who may use the console at all, the staff site has asked before."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from marketplace.checks.models import CheckRule, Finding
from marketplace.console.columns import LONG, TARGETS
from marketplace.console.models import Batch
from marketplace.enforcement.models import Block
from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation.models import Decision, ReviewTask
from tenants.errors import NotFound
from tenants.models import Tenant, User

Found = TypeVar("Found", bound=Model)


def get_task(task_id: UUID) -> ReviewTask:
    """An item, open or closed, with what it is about and its manifest."""
    long = [name for name in LONG if name != "version__manifest"]
    return _one(ReviewTask.objects.select_related(*TARGETS, "appeal__decision").defer(*long), task_id)


def get_decision(decision_id: UUID) -> Decision:
    return _one(Decision.objects.select_related(*TARGETS, "task").defer(*LONG), decision_id)


def get_version(version_id: UUID) -> ListingVersion:
    return _one(ListingVersion.objects.select_related("listing__publisher"), version_id)


def get_listing(listing_id: UUID) -> Listing:
    return _one(Listing.objects.select_related("publisher", "current_version"), listing_id)


def get_publisher(publisher_id: UUID) -> Publisher:
    return _one(Publisher.objects.all(), publisher_id)


def get_person(user_id: UUID) -> User:
    return _one(User.objects.all(), user_id)


def get_workspace(tenant_id: UUID) -> Tenant:
    found: Tenant = _one(Tenant.objects.exclude(status=Tenant.Status.TEMPLATE), tenant_id)
    return found


def get_rule(rule_id: UUID) -> CheckRule:
    return _one(CheckRule.objects.all(), rule_id)


def get_finding(finding_id: UUID) -> Finding:
    return _one(Finding.objects.select_related("run"), finding_id)


def task_or_none(text: str) -> ReviewTask | None:
    """The item that a form was sent from, if it was sent from one."""
    try:
        return get_task(UUID(text))
    except (ValueError, NotFound):
        return None


def get_block(block_id: UUID) -> Block:
    return _one(
        Block.objects.select_related("version__listing__publisher", "listing__publisher", "publisher"), block_id
    )


def get_batch(batch_id: UUID, by: User) -> Batch:
    """A batch of one's own."""
    return _one(Batch.objects.filter(by_id=by.pk), batch_id)


def _one(rows: QuerySet[Found], key: UUID) -> Found:
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound("There is no such thing in the console. It may have been removed.")
    return found
