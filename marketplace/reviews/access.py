"""Who may review what, and from an id to a review."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from marketplace.models import Listing, ListingVersion
from marketplace.moderation.access import is_of
from marketplace.reviews.models import Review
from tenants.errors import Forbidden, NotFound
from tenants.models import Membership, Tenant, User
from tenants.provenance.models import RunOutcome

SUCCEEDED = ("succeeded", "completed")  # of runs, and of simulations


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody may review a listing for a workspace, and if not, why: a sentence with what to do.

    `version` is the newest of the versions that succeeded there, `runs` how many runs of the listing did.
    """

    allowed: bool
    code: str = ""
    why: str = ""
    tenant: Tenant | None = None
    version: ListingVersion | None = None
    runs: int = 0


def may_review(user: User, tenant: Tenant, listing: Listing) -> Standing:
    """As the database would judge, but with a sentence."""
    if is_of(user, listing.publisher) or listing.publisher.tenant_id == tenant.pk:
        return Standing(
            allowed=False,
            code="own_listing",
            why=f"You belong to {listing.publisher.display_name}. Nobody reviews what their own people offer; you can answer reviews.",
        )
    if not Membership.objects.filter(user=user, tenant=tenant).exists():
        return Standing(allowed=False, code="no_member", why="You do not belong to this workspace.")
    tried = _tried(listing, tenant)
    if not tried:
        return Standing(
            allowed=False,
            code="no_run",
            why=f"No run of {listing.title} has succeeded in {tenant.name} yet. Install it, run it to its end, then say how it was.",
        )
    return Standing(allowed=True, tenant=tenant, version=tried[0][0], runs=sum(runs for _, runs in tried))


def where_may(user: User, listing: Listing) -> Standing:
    """The same for whichever of the person's workspaces ran it most."""
    mine = Tenant.objects.filter(memberships__user=user, status=Tenant.Status.ACTIVE).order_by("name")
    found = [may_review(user, tenant, listing) for tenant in mine]
    if not found:
        return Standing(
            allowed=False, code="no_workspace", why="Reviews come from runs. Make a workspace, install this and run it."
        )
    return max(found, key=lambda each: (each.allowed, each.runs))


def refuse_unless_allowed(standing: Standing) -> tuple[Tenant, ListingVersion]:
    if standing.tenant is None or standing.version is None:
        raise Forbidden(standing.why, code=standing.code)
    return standing.tenant, standing.version


def get_review(listing: Listing, review_id: UUID, *, for_user: User | None = None) -> Review:
    """A review that is shown, or one's own. Raises NotFound."""
    found = Review.objects.filter(listing=listing, pk=review_id).select_related("version", "author", "reply").first()
    if found is None or (found.is_hidden and found.author_id != getattr(for_user, "pk", None)):
        raise NotFound("There is no such review here. Its author or a moderator may have taken it away.")
    return found


def get_own(user: User, listing: Listing) -> Review | None:
    return Review.objects.filter(listing=listing, author=user).select_related("version").first()


def require_author(review: Review, user: User) -> None:
    if review.author_id != user.pk:
        raise Forbidden("Only its author changes a review.")


def _tried(listing: Listing, tenant: Tenant) -> list[tuple[ListingVersion, int]]:
    """The versions that succeeded in the workspace, newest first, and how often."""
    versions = {
        version.digest: version
        for version in ListingVersion.objects.filter(listing=listing, published_at__isnull=False).defer("manifest")
    }
    outcomes = RunOutcome.objects.filter(tenant_id=tenant.pk, digest__in=versions, status__in=SUCCEEDED)
    counts = dict(outcomes.order_by().values_list("digest").annotate(Count("pk")))
    found = [(versions[digest], count) for digest, count in counts.items()]
    return sorted(found, key=lambda each: (each[0].published_at, each[0].pk), reverse=True)
