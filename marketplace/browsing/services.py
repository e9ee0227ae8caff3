"""What a person may do while browsing: keep a listing for later."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import F, Q, QuerySet

from marketplace import access
from marketplace.browsing.models import Favourite
from marketplace.models import Listing
from tenants.errors import Conflict
from tenants.models import User

MOST_FAVOURITES = 500


def save_favourite(*, listing: Listing, by: User) -> None:
    """Keep it; keeping it twice changes nothing. Raises Conflict when there are too many."""
    if Favourite.objects.filter(user=by).count() >= MOST_FAVOURITES:
        raise Conflict(f"You keep {MOST_FAVOURITES} listings already. Let go of some first.", code="too_many")
    Favourite.objects.get_or_create(user=by, listing=listing)


def forget_favourite(*, listing: Listing, by: User) -> None:
    """Let go of it; letting go of what is not kept changes nothing."""
    Favourite.objects.filter(user=by, listing=listing).delete()


def favourites_of(user: User, tenants: Collection[UUID]) -> QuerySet[Listing]:
    """Newest first, each with `saved_at`; what went from the market, or is not for this person any more, is not there."""
    seen = Q(pk__in=access.offered().values("pk")) | Q(pk__in=access.offered_to(tenants).values("pk"))
    found = access.published().filter(seen | Q(visibility=Listing.Visibility.UNLISTED), favourites__user=user)
    return found.annotate(saved_at=F("favourites__created_at")).order_by("-saved_at", "-pk")
