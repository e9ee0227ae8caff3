"""From an address to a collection."""

from __future__ import annotations

from marketplace.browsing.models import Collection
from tenants.errors import NotFound


def get_collection(slug: str) -> Collection:
    collection = Collection.objects.filter(slug=slug, shown=True).first()
    if collection is None:
        raise NotFound("There is no such collection.")
    return collection
