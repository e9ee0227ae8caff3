"""What can be judged: exactly one thing at a time."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import CheckConstraint, Func, IntegerField
from django.db.models.lookups import Exact

from marketplace.models import Listing, ListingVersion, Publisher
from tenants.rows import Row

COLUMNS: Final = ("version_id", "listing_id", "publisher_id", "review_id", "user_id", "tenant_id")
FIELDS: Final = ("version", "listing", "publisher", "review_id", "user_id", "tenant_id")


class Targeted(Row):
    """A row about one version, listing, publisher, review, person or workspace.

    Reviews, people and workspaces are named by id: their rows belong to other rooms and may go without this one.
    """

    version = models.ForeignKey(ListingVersion, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    publisher = models.ForeignKey(Publisher, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    review_id = models.UUIDField(null=True, blank=True)
    user_id = models.UUIDField(null=True, blank=True)
    tenant_id = models.UUIDField(null=True, blank=True)

    class Meta:
        abstract = True


def exactly_one(name: str) -> CheckConstraint:
    """The constraint `name`: one of the target's columns is filled, and only one."""
    return CheckConstraint(
        name=name, condition=Exact(Func(*FIELDS, function="num_nonnulls", output_field=IntegerField()), 1)
    )


def same_target(row: Targeted) -> dict[str, object]:
    """The target of `row` as arguments of a filter or of another row."""
    return {column: getattr(row, column) for column in COLUMNS}
