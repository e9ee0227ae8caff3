"""Publishers' standing, suspension of people and workspaces, and what the platform sets before others."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from marketplace.models import Listing, Publisher
from marketplace.moderation import activity, transitions
from marketplace.moderation.access import require_reviewer
from marketplace.moderation.actors import moderator
from marketplace.moderation.models import Decision
from marketplace.moderation.services.deciding import decide
from marketplace.moderation.verdicts import Verdict
from tenants.errors import Forbidden, Invalid, WrongState
from tenants.models import Tenant, User

Action = Decision.Action
STANDINGS = frozenset({Action.WARN, Action.RESTRICT, Action.BAN, Action.REINSTATE})
ACCESS = frozenset({Action.SUSPEND, Action.REINSTATE})


def set_standing(publisher: Publisher, *, verdict: Verdict, by: User) -> Decision:
    """Warn, restrict, ban or reinstate a publisher, through a decision like any other. A ban waits for a second person."""
    if verdict.action not in STANDINGS:
        raise Invalid("A publisher is warned, restricted, banned or reinstated.")
    return decide(publisher, verdict=verdict, by=by)


def suspend(thing: User | Tenant, *, verdict: Verdict, by: User) -> Decision:
    """Close or reopen an account or a workspace, with the reason that the people concerned can appeal against."""
    if verdict.action not in ACCESS:
        raise Invalid("An account or a workspace is suspended or reinstated.")
    if isinstance(thing, User) and thing.pk == by.pk:
        raise Forbidden("Nobody closes their own account here.")
    return decide(thing, verdict=verdict, by=by)


@transaction.atomic
def feature(listing_id: UUID, *, until: datetime | None, by: User) -> Listing:
    """Show a listing on the first page until a moment; None ends it now."""
    listing = transitions.lock_listing(listing_id)
    require_reviewer(by, listing.publisher)
    if until is not None and (until <= timezone.now() or listing.published_at is None):
        raise WrongState("Only a published listing is featured, until a moment that lies ahead.")
    listing.featured_until = until
    listing.save(update_fields=["featured_until", "updated_at"])
    activity.record("listing.featured", listing, by=moderator(by), until=until.isoformat() if until else "")
    return listing


@transaction.atomic
def verify(publisher_id: UUID, *, verified: bool, how: str, by: User) -> Publisher:
    """Give a publisher the mark of being who they say, or take it away; `how` it was found out goes to the log."""
    publisher = Publisher.objects.select_for_update(no_key=True).get(pk=publisher_id)
    require_reviewer(by, publisher)
    if not how.strip():
        raise Invalid("Say how you found out.")
    publisher.verified_at = timezone.now() if verified else None
    publisher.save(update_fields=["verified_at", "updated_at"])
    activity.record("publisher.verified" if verified else "publisher.unverified", publisher, by=moderator(by), how=how)
    return publisher
