"""The thing that is judged, whatever it is. How a review is found, hidden and shown, the room of reviews says when it starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from marketplace.models import Listing, ListingVersion, Publisher
from marketplace.moderation.models import Targeted
from tenants.errors import NotFound
from tenants.models import Tenant, User

Thing = ListingVersion | Listing | Publisher | User | Tenant


@dataclass(frozen=True, slots=True)
class ReviewOf:
    """A review, by its id: its row belongs to another room. `listing` is what it is about, `author_id` who wrote it."""

    pk: UUID
    listing: Listing
    author_id: UUID | None = None

    def __str__(self) -> str:
        return f"a review of {self.listing}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """`find` raises NotFound. `hide` takes the review's id and the public reason; it and `show` may come twice."""

    find: Callable[[UUID], ReviewOf]
    hide: Callable[[UUID, str], None]
    show: Callable[[UUID], None]


_shelf: list[Shelf] = []


def keep_reviews(shelf: Shelf) -> None:
    _shelf[:] = [shelf]


def reviews() -> Shelf:
    if not _shelf:
        raise NotFound("There are no reviews here.")
    return _shelf[0]


@dataclass(frozen=True, slots=True)
class Target:
    """What is judged, and whose it is: `publisher` is None for people and workspaces."""

    kind: str
    thing: Thing | ReviewOf
    publisher: Publisher | None

    @property
    def pk(self) -> UUID:
        return UUID(str(self.thing.pk))

    @property
    def name(self) -> str:
        return str(self.thing)

    @property
    def listing(self) -> Listing | None:
        if isinstance(self.thing, ListingVersion | ReviewOf):
            return self.thing.listing
        return self.thing if isinstance(self.thing, Listing) else None

    @property
    def columns(self) -> dict[str, UUID]:
        """As arguments of a filter or of a row that is about it."""
        return {f"{self.kind}_id": self.pk}


def target_of(thing: Thing | ReviewOf) -> Target:
    match thing:
        case ListingVersion():
            return Target("version", thing, thing.listing.publisher)
        case Listing():
            return Target("listing", thing, thing.publisher)
        case Publisher():
            return Target("publisher", thing, thing)
        case ReviewOf():
            return Target("review", thing, thing.listing.publisher)
        case User():
            return Target("user", thing, None)
        case Tenant():
            return Target("tenant", thing, None)


def target_of_row(row: Targeted) -> Target:
    """What a task or a decision is about. Raises NotFound when it is gone."""
    for thing in (row.version, row.listing, row.publisher):
        if thing is not None:
            return target_of(thing)
    if row.review_id is not None:
        return target_of(reviews().find(row.review_id))
    found = _person_or_workspace(row)
    if found is None:
        raise NotFound("What this is about is gone.")
    return target_of(found)


def _person_or_workspace(row: Targeted) -> User | Tenant | None:
    if row.user_id is not None:
        return User.objects.filter(pk=row.user_id).first()
    tenant: Tenant | None = Tenant.objects.filter(pk=row.tenant_id).first()
    return tenant
