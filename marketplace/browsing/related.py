"""Other listings for who looks at one."""

from __future__ import annotations

from django.db.models import Q

from marketplace.access import offered
from marketplace.models import Listing

MOST = 3


def related_to(listing: Listing) -> list[Listing]:
    """Of the same tags or the same field, the best first; its own remixes and what it is a remix of come before them."""
    kin = Q(forked_from__listing=listing)
    if listing.forked_from:
        kin |= Q(pk=listing.forked_from.listing_id)
    usable = offered().filter(entry__usable=True).exclude(pk=listing.pk).order_by("-entry__weight", "pk")
    found = list(usable.filter(kin)[:2])
    for alike in (Q(entry__tags__overlap=listing.tags), Q(category=listing.category)):
        if len(found) < MOST:
            found += usable.filter(alike).exclude(pk__in=[each.pk for each in found])[: MOST - len(found)]
    return found
