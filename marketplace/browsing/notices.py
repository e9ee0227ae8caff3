"""What a reader must know before anything else: that a listing is blocked, withdrawn, retired, out of date, or not for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from marketplace.enforcement.models import Block
from marketplace.enforcement.queries import effective
from marketplace.models import Listing, ListingVersion
from tenants.addresses import public_reverse

Availability = ListingVersion.Availability


@dataclass(frozen=True, slots=True)
class Notice:
    """`tone` as the site's notices: bad, warn, info. `link` and `label` lead on; `installable` says whether it can still be installed."""

    tone: str
    title: str
    text: str
    at: datetime | None = None
    link: str = ""
    label: str = ""
    installable: bool = True


def notices_of(listing: Listing) -> list[Notice]:
    """The gravest first."""
    return [*_block(listing), *_offer(listing), *_health(listing), *_visibility(listing)]


BLOCKED = {
    Block.Kind.WARN: Notice(
        "warn", "The platform warns of it", "Read the reason before you install or run it.", installable=True
    ),
    Block.Kind.SOFT: Notice(
        "bad",
        "New installations are stopped",
        "Where it is installed it may go on; an admin of the workspace decides. Look for another, or wait until this is settled.",
        installable=False,
    ),
    Block.Kind.HARD: Notice(
        "bad",
        "Blocked by the platform",
        "It runs nowhere now. Nothing of yours is deleted: installations stay, and work again as before if the block is lifted. "
        "Look for another meanwhile.",
        installable=False,
    ),
}


def _block(listing: Listing) -> Iterator[Notice]:
    block = effective(listing.current_version) if listing.current_version else None
    if block is not None:
        told = BLOCKED[Block.Kind(block.kind)]
        yield replace(told, text=f"{block.reason} {told.text}", at=block.effective_at)


def _offer(listing: Listing) -> Iterator[Notice]:
    version = listing.current_version
    if listing.retired_at:
        yield Notice(
            "warn",
            "Retired",
            "Its publisher offers it no longer. What is installed goes on.",
            at=listing.retired_at,
            installable=False,
        )
    if version is None or version.availability == Availability.AVAILABLE:
        return
    successor = version.successor
    link = public_reverse("marketplace:listing", successor.publisher.namespace, successor.slug) if successor else ""
    label = f"Use {successor.title} instead" if successor else ""
    if version.availability == Availability.YANKED:
        yield Notice(
            "bad", f"Version {version.semver} was withdrawn by its publisher", version.availability_reason, link=link, label=label,
            installable=False,
        )  # fmt: skip
    else:
        yield Notice("warn", "Deprecated", version.availability_reason, link=link, label=label)


def _health(listing: Listing) -> Iterator[Notice]:
    if listing.health == "failing":
        yield Notice("bad", "It fails", "Most of its latest runs, or its own tests, did not succeed.")
    elif listing.health == "degraded":
        yield Notice("warn", "It works less well than it did", "More of its latest runs failed than before.")


def _visibility(listing: Listing) -> Iterator[Notice]:
    if listing.visibility == Listing.Visibility.UNLISTED:
        yield Notice("info", "Not in the search", "Everybody with its address can see and install it.")
    elif listing.visibility != Listing.Visibility.PUBLIC:
        yield Notice("info", listing.get_visibility_display(), "Nobody else sees this page.")
