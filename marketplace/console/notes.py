"""What moderators keep for each other and for themselves: notes, filters, and which decisions were one batch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from marketplace.console.models import Batch, Note, SavedFilter
from marketplace.models import Listing, Publisher
from tenants.errors import Invalid
from tenants.models import User

MOST_FILTERS = 20
BATCHES_KEPT = timedelta(days=1)


def write_note(*, about: Listing | Publisher, text: str, by: User) -> Note:
    """Put a line on the whiteboard of a listing or a publisher."""
    line = text.replace("\x00", "").strip()
    if not line:
        raise Invalid("Write something before you put it on the whiteboard.")
    target = {"listing": about} if isinstance(about, Listing) else {"publisher": about}
    return Note.objects.create(**target, author_id=by.pk, author=by.get_full_name()[:150], text=line[:2000])


def notes_on(about: Listing | Publisher | None) -> QuerySet[Note]:
    """Newest first."""
    if about is None:
        return Note.objects.none()
    return Note.objects.filter(**{"listing" if isinstance(about, Listing) else "publisher": about}).order_by("-id")[
        :100
    ]


def filters_of(user: User) -> QuerySet[SavedFilter]:
    return SavedFilter.objects.filter(user=user).order_by("name")


def save_filter(*, name: str, query: str, by: User) -> SavedFilter:
    """Keep a view of the queue under a name; a known name takes the new view."""
    name = name.replace("\x00", "").strip()[:40]
    if not name:
        raise Invalid("Give the filter a name.")
    if filters_of(by).exclude(name=name).count() >= MOST_FILTERS:
        raise Invalid(f"You have {MOST_FILTERS} filters already; forget one first.")
    return SavedFilter.objects.update_or_create(user=by, name=name, defaults={"query": query[:400]})[0]


def forget_filter(*, name: str, by: User) -> None:
    filters_of(by).filter(name=name).delete()


def remember_batch(*, action: str, decisions: Iterable[UUID], by: User) -> Batch:
    """Note that these decisions were one act."""
    return Batch.objects.create(by_id=by.pk, action=action, decisions=list(decisions))


def recent_batches(by: User) -> QuerySet[Batch]:
    return Batch.objects.filter(by_id=by.pk, created_at__gt=timezone.now() - BATCHES_KEPT).order_by("-id")
