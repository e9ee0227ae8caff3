"""Items of the queue as people read them: what it is about, whose it is, and how that publisher has done so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation.models import ReviewTask
from tenants.models import Tenant, User

States = ListingVersion.ReviewState


@dataclass(frozen=True, slots=True)
class Record:
    """What became of a publisher's versions."""

    published: int = 0
    refused: int = 0

    @property
    def words(self) -> str:
        if not self.published and not self.refused:
            return "first submission"
        return f"{self.published} published, {self.refused} refused"


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the queue."""

    task: ReviewTask
    title: str
    address: str
    what: str
    publisher: Publisher | None
    record: Record
    holder: str
    is_overdue: bool

    @property
    def top_reason(self) -> str:
        """What weighs most, else the first thing noted."""
        info = self.task.weight_info
        heaviest = max(info, key=lambda reason: info[reason], default="") if isinstance(info, dict) else ""
        return worded(heaviest or next(iter(self.task.reasons), ""))


def worded(code: str) -> str:
    """A machine's word as people read it: `first_version` is "first version"."""
    return code.replace("_", " ").replace(":", ": ")


def items(tasks: Sequence[ReviewTask]) -> list[Item]:
    """In the same order, with four queries for all that the rows do not carry themselves."""
    records = _records({found.pk for found in map(publisher_of, tasks) if found})
    names = _names(tasks)
    now = timezone.now()
    return [_item(task, records, names, now) for task in tasks]


def publisher_of(task: ReviewTask) -> Publisher | None:
    if task.version is not None:
        return task.version.listing.publisher
    return task.listing.publisher if task.listing is not None else task.publisher


def listing_of(task: ReviewTask) -> Listing | None:
    return task.version.listing if task.version is not None else task.listing


def _item(task: ReviewTask, records: dict[UUID, Record], names: dict[UUID, str], now: datetime) -> Item:
    listing, publisher = listing_of(task), publisher_of(task)
    return Item(
        task=task,
        title=_title(task, names),
        address=f"{publisher.namespace}/{listing.slug}"
        if listing and publisher
        else publisher.namespace
        if publisher
        else "",
        what=listing.get_kind_display() if listing else _what(task),
        publisher=publisher,
        record=records.get(publisher.pk, Record()) if publisher else Record(),
        holder=task.claimed_by_name if task.held_by(now=now) else "",
        is_overdue=task.due_at is not None and task.due_at < now,
    )


def _title(task: ReviewTask, names: dict[UUID, str]) -> str:
    if task.version is not None:
        return f"{task.version.listing.title} {task.version.semver}"
    if task.listing is not None or task.publisher is not None:
        return str(task.listing or task.publisher)
    subject = task.user_id or task.tenant_id
    return names.get(subject, "Somebody who has left") if subject else "A review"


def _what(task: ReviewTask) -> str:
    kinds = {"Publisher": task.publisher_id, "Person": task.user_id, "Workspace": task.tenant_id}
    return next((word for word, key in kinds.items() if key), "Review")


def record_of(publisher: Publisher | None) -> Record:
    return _records([publisher.pk]).get(publisher.pk, Record()) if publisher is not None else Record()


def _records(publishers: Iterable[UUID]) -> dict[UUID, Record]:
    refused = Q(review_state__in=[States.REJECTED, States.CHANGES_REQUESTED])
    judged = ListingVersion.objects.filter(refused | Q(review_state=States.PUBLISHED))
    versions = judged.filter(listing__publisher__in=list(publishers)).values("listing__publisher")
    counted = versions.annotate(
        good=Count("pk", filter=Q(review_state=States.PUBLISHED)), bad=Count("pk", filter=refused)
    ).order_by()
    return {row["listing__publisher"]: Record(row["good"], row["bad"]) for row in counted}


def _names(tasks: Sequence[ReviewTask]) -> dict[UUID, str]:
    """Of the people and workspaces that some items are about."""
    people = {task.user_id for task in tasks if task.user_id}
    places = {task.tenant_id for task in tasks if task.tenant_id}
    found: dict[UUID, str] = {}
    if people:
        found |= {user.pk: user.email for user in User.objects.filter(pk__in=people)}
    if places:
        found |= dict(Tenant.objects.filter(pk__in=places).values_list("pk", "name"))
    return found
