"""The console's rooms in the order of its menu, for our own pages and for Unfold's. Settings read it: nothing here needs them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the menu; `icon` is one of heroicons, `symbol` one of Unfold's Material symbols."""

    title: str
    link: str
    icon: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    places: tuple[Place, ...]


SECTIONS = (
    Section(
        "Work",
        (
            Place("Home", "/admin/", "home", "home"),
            Place("Queue", "/admin/queue/", "inbox-stack", "inbox"),
            Place("Reports", "/admin/queue/?kind=report", "flag", "flag"),
            Place("Appeals", "/admin/queue/?kind=appeal", "scale", "balance"),
            Place("Second person", "/admin/second/", "users", "group"),
            Place("Decisions", "/admin/decisions/", "clipboard-document-check", "gavel"),
        ),
    ),
    Section(
        "Market",
        (
            Place("Listings", "/admin/marketplace/listing/", "building-storefront", "storefront"),
            Place("Versions", "/admin/marketplace/listingversion/", "clock", "history"),
            Place("Publishers", "/admin/marketplace/publisher/", "check-badge", "verified"),
            Place("Blocks", "/admin/blocks/", "no-symbol", "block"),
            Place("Featured", "/admin/featured/", "star", "star"),
            Place("Collections", "/admin/browsing/collection/", "rectangle-stack", "collections_bookmark"),
            Place("Reviews", "/admin/reviews/review/", "star", "reviews"),
            Place("Installed where", "/admin/marketplace/installledger/", "squares-plus", "deployed_code"),
        ),
    ),
    Section(
        "People",
        (
            Place("Workspaces", "/admin/tenants/tenant/", "building-office-2", "apartment"),
            Place("Users", "/admin/tenants/user/", "user", "person"),
        ),
    ),
    Section(
        "Rules",
        (
            Place("Checks", "/admin/rules/", "adjustments-horizontal", "rule"),
            Place("Policies", "/admin/moderation/policy/", "book-open", "policy"),
            Place("Denied words", "/admin/reviews/deniedword/", "no-symbol", "speaker_notes_off"),
            Place("Canned texts", "/admin/moderation/cannedtext/", "chat-bubble-bottom-center-text", "chat"),
            Place("Reserved names", "/admin/marketplace/reservedname/", "lock-closed", "lock"),
            Place("Prohibited names", "/admin/marketplace/prohibitedname/", "hand-raised", "do_not_disturb_on"),
            Place("Log", "/admin/moderation/activitylog/", "list-bullet", "receipt_long"),
        ),
    ),
)
