"""What is published and judged. All of it lives in the public schema and refers to no workspace's rows."""

from marketplace.models.ledger import InstallLedger
from marketplace.models.listing import Listing
from marketplace.models.publisher import Publisher
from marketplace.models.version import ListingVersion

__all__ = ["InstallLedger", "Listing", "ListingVersion", "Publisher"]
