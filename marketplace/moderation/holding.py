"""When one person is not enough. Asked when something is decided, and again when a delayed decision is carried out."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from marketplace.enforcement.models import Block
from marketplace.models import InstallLedger, Listing
from marketplace.moderation.models import Decision
from marketplace.moderation.targets import Target

Action = Decision.Action


def hold_reason(*, action: Action, severity: str, target: Target) -> str:
    """Why a second person has to confirm it; empty where one is enough."""
    if action == Action.BAN:
        return "A ban takes two people."
    if action == Action.PULL and severity == "hard" and target.kind != "review":
        return "A hard block stops runs; it takes two people."
    if action in {Action.RESTORE, Action.REINSTATE} and _is_blocked_hard(target):
        return "Lifting a hard block takes two people."
    if action == Action.PULL and target.kind in {"version", "listing"}:
        return _too_big_for_one(target.listing)
    return ""


def _too_big_for_one(listing: Listing | None) -> str:
    if listing is None:
        return ""
    if listing.featured_until is not None and listing.featured_until > timezone.now():
        return "The listing is featured; pulling it takes two people."
    holders = InstallLedger.objects.filter(listing=listing, state=InstallLedger.State.INSTALLED).count()
    if holders > settings.PULL_ALONE_WORKSPACES:
        return f"{holders} workspaces have it installed; pulling it takes two people."
    return ""


def _is_blocked_hard(target: Target) -> bool:
    if target.kind not in {"version", "listing", "publisher"}:
        return False
    return Block.objects.active().filter(kind=Block.Kind.HARD, scope=target.kind, **target.columns).exists()
