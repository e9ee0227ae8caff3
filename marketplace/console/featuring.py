"""What the market shows first: few at a time, each until a day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from marketplace.models import Listing
from marketplace.moderation import services
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import User

LONGEST = timedelta(days=90)
LOCK = 0x6665_6174  # of the whole shelf: two moderators cannot both take its last place


def featured() -> QuerySet[Listing]:
    """Whose place ends first comes first."""
    now = Listing.objects.filter(featured_until__gt=timezone.now())
    return now.select_related("publisher").defer("description").order_by("featured_until")


@transaction.atomic
def feature(*, address: str, until: date, by: User) -> Listing:
    """Show the listing `publisher/name` on the first page to the end of a day. Raises Conflict when every place is taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    namespace, _, slug = address.strip().lower().partition("/")
    listing = Listing.objects.filter(publisher__namespace=namespace, slug=slug).first()
    if listing is None:
        raise NotFound("There is no such listing. Write its address as publisher/name.")
    if featured().exclude(pk=listing.pk).count() >= settings.FEATURED_AT_MOST:
        raise Conflict(f"All {settings.FEATURED_AT_MOST} places are taken; end another one first.")
    end = datetime.combine(until, time(23, 59), tzinfo=timezone.get_default_timezone())
    if end > timezone.now() + LONGEST:
        raise Invalid(f"A listing is featured for {LONGEST.days} days at most.")
    return services.feature(listing.pk, until=end, by=by)
