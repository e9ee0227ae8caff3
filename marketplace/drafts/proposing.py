"""What the next version is called, and what it changes, from comparing it with the one that people have."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.drafts.composing import FIRST_VERSION, Composed
from marketplace.drafts.models import Draft
from marketplace.manifest.comparing import Difference, compare, proposed_version
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json
from marketplace.models import Listing, ListingVersion
from marketplace.publishing.access import listings
from tenants.access import Member


@dataclass(frozen=True, slots=True)
class Proposal:
    """`version` is the number that fits; for an update, `before` is what people have and `difference` what changes."""

    version: str
    notes: str
    before: ListingVersion | None = None
    difference: Difference | None = None


def proposal_for(draft: Draft, found: Composed, member: Member) -> Proposal:
    """The first version, or the one after the listing's."""
    listing = _listing(draft, found, member)
    if listing is None or listing.current_version is None:
        returned = _returned(listing)
        return Proposal(
            returned.semver if returned else FIRST_VERSION, returned.changelog if returned else "First version."
        )
    return proposal_after(listing.current_version, found.manifest)


def proposal_after(before: ListingVersion, manifest: Manifest | None) -> Proposal:
    if manifest is None:
        return Proposal("", "", before)
    difference = compare(read_json(before.manifest), manifest)
    return Proposal(proposed_version(before.semver, difference), "", before, difference)


def _listing(draft: Draft, found: Composed, member: Member) -> Listing | None:
    """The own listing under this address, if there is one."""
    if draft.listing_id is not None:
        return listings(member).filter(pk=draft.listing_id).first()
    return listings(member).filter(slug=found.document["metadata"].get("name", "")).first()


def _returned(listing: Listing | None) -> ListingVersion | None:
    """The version that was sent back and waits for its correction."""
    if listing is None:
        return None
    return listing.versions.filter(review_state=ListingVersion.ReviewState.CHANGES_REQUESTED).first()
