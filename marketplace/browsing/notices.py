"""What a reader must know before anything else: that a listing is blocked, withdrawn, retired, out of date, or not for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

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
    return [*_offer(listing), *_health(listing), *_visibility(listing)]


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
