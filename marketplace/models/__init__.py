"""What is published and judged. All of it lives in the public schema and refers to no workspace's rows."""

from marketplace.models.ledger import InstallLedger
from marketplace.models.listing import Health, Listing, ListingShare
from marketplace.models.publisher import ProhibitedName, Publisher, PublisherMember, ReservedName
from marketplace.models.version import ListingVersion

__all__ = [
    "Health",
    "InstallLedger",
    "Listing",
    "ListingShare",
    "ListingVersion",
    "ProhibitedName",
    "Publisher",
    "PublisherMember",
    "ReservedName",
]
