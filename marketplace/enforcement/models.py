"""One block: what is stopped, how hard, why, since when, and by whom it was lifted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Func, IntegerField, Q, Value
from django.db.models.functions import Now
from django.db.models.lookups import Exact

from marketplace.models import Listing, ListingVersion, Publisher
from tenants.rows import Row


def _nullif(column: str) -> Func:
    return Func(column, Value(""), function="nullif")


class BlockQuerySet(models.QuerySet["Block"]):
    def active(self) -> BlockQuerySet:
        """Those in force now."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()), lifted_at__isnull=True)


class Block(Row):
    """Lifting closes a block; it is never deleted. A hard one that waits for a second person works as a soft one until then."""

    class Kind(models.TextChoices):
        WARN = "warn", "Warning"
        SOFT = "soft", "No new installations"
        HARD = "hard", "Stopped everywhere"

    class Scope(models.TextChoices):
        VERSION = "version", "One version"
        LISTING = "listing", "Every version of a listing"
        PUBLISHER = "publisher", "Everything of a publisher"
        DIGEST = "digest", "One manifest, by its digest"
        TOOL = "tool", "One tool, wherever it is used"

    class SignOff(models.TextChoices):
        AUTO = "auto", "Not needed"
        PENDING = "pending", "Waits for a second person"
        APPROVED = "approved", "Confirmed by a second person"
        REJECTED = "rejected", "Refused by a second person"

    SEVERITY: ClassVar[dict[str, int]] = {Kind.WARN: 1, Kind.SOFT: 2, Kind.HARD: 3}

    kind = models.CharField(max_length=8, choices=Kind)
    scope = models.CharField(max_length=12, choices=Scope)
    version = models.ForeignKey(ListingVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="blocks")
    listing = models.ForeignKey(Listing, null=True, blank=True, on_delete=models.PROTECT, related_name="blocks")
    publisher = models.ForeignKey(Publisher, null=True, blank=True, on_delete=models.PROTECT, related_name="blocks")
    digest = models.CharField(max_length=71, blank=True)
    tool = models.CharField(max_length=100, blank=True, help_text="Its name as crews use it.")
    reason_code = models.CharField(max_length=20, blank=True)
    reason = models.TextField(help_text="For everybody who holds it.")
    decision = models.ForeignKey(
        "moderation.Decision", null=True, blank=True, on_delete=models.PROTECT, related_name="blocks"
    )
    created_by_id = models.UUIDField(null=True, blank=True)
    created_by_name = models.CharField(max_length=254)
    effective_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by_id = models.UUIDField(null=True, blank=True)
    lifted_by_name = models.CharField(max_length=254, blank=True)
    lifted_why = models.CharField(max_length=300, blank=True)
    signoff = models.CharField(max_length=12, choices=SignOff, default=SignOff.AUTO)
    signoff_by_id = models.UUIDField(null=True, blank=True)
    signoff_by_name = models.CharField(max_length=254, blank=True)
    signoff_at = models.DateTimeField(null=True, blank=True)

    told = models.CharField(max_length=8, blank=True, help_text="What those who hold it were told last.")

    objects = BlockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="block_kind_is_known", condition=Q(kind__in=["warn", "soft", "hard"])),
            models.CheckConstraint(
                name="block_signoff_is_known", condition=Q(signoff__in=["auto", "pending", "approved", "rejected"])
            ),
            models.CheckConstraint(
                name="block_names_what_it_covers",
                condition=Q(scope="version", version__isnull=False)
                | Q(scope="listing", listing__isnull=False)
                | Q(scope="publisher", publisher__isnull=False)
                | (Q(scope="digest") & ~Q(digest=""))
                | (Q(scope="tool") & ~Q(tool="")),
            ),
            models.CheckConstraint(
                name="block_covers_one_thing",
                condition=Exact(
                    Func(
                        "version", "listing", "publisher", _nullif("digest"), _nullif("tool"),
                        function="num_nonnulls", output_field=IntegerField(),
                    ),
                    1,
                ),
            ),
            models.CheckConstraint(name="block_says_why", condition=Q(reason__regex=r"\S")),
            models.CheckConstraint(
                name="second_person_of_a_block_is_another",
                condition=Q(signoff_by_id__isnull=True) | Q(created_by_id__isnull=True) | ~Q(signoff_by_id=F("created_by_id")),
            ),
            models.CheckConstraint(
                name="signed_block_names_who",
                condition=Q(signoff__in=["auto", "pending"]) | Q(signoff_by_id__isnull=False),
            ),
            models.CheckConstraint(
                name="lifted_block_names_who",
                condition=Q(lifted_at__isnull=True, lifted_by_name="") | (Q(lifted_at__isnull=False) & ~Q(lifted_by_name="")),
            ),
            models.CheckConstraint(
                name="block_ends_after_it_begins",
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("effective_at")),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(name="blocks_open", fields=["scope", "effective_at"], condition=Q(lifted_at__isnull=True)),
            models.Index(name="blocks_changed", fields=["updated_at"]),
            models.Index(
                name="blocks_expiring",
                fields=["expires_at"],
                condition=Q(lifted_at__isnull=True, expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.target_name}"

    @property
    def target_name(self) -> str:
        return str(self.version or self.listing or self.publisher or self.digest or self.tool)

    @property
    def force(self) -> Kind:
        """How hard it is now: a hard block is soft until the second person has agreed."""
        kind = self.Kind(self.kind)
        return self.Kind.SOFT if kind == self.Kind.HARD and self.signoff == self.SignOff.PENDING else kind

    @property
    def state(self) -> str:
        """What those who hold it have to know now."""
        return "lifted" if self.lifted_at else self.force.value

    @property
    def severity(self) -> int:
        return self.SEVERITY[self.force]
