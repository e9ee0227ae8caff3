"""What the frame of every page needs."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from marketplace.installs.queries import offered_count
from tenants.models import User
from tenants.notifications import queries

THEMES = frozenset({"light", "dark"})


def frame(request: HttpRequest) -> dict[str, Any]:
    """The chosen theme (empty: the system's), and the workspace and member where the page is in one, and how many messages wait."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "",
        "workspace": getattr(request, "tenant", None),
        "member": getattr(request, "member", None),
        "unread": SimpleLazyObject(lambda: _unread(request)),  # asked for only where a bell is drawn
        "updates": SimpleLazyObject(lambda: _updates(request)),  # and this only where a workspace's menu is
    }


def _updates(request: HttpRequest) -> str:
    """How many newer versions are offered in the workspace of the page; empty for none."""
    if getattr(request, "member", None) is None:
        return ""
    try:
        return str(offered_count() or "")
    except DatabaseError:
        return ""


def _unread(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return ""
    try:
        return queries.badge(user)
    except DatabaseError:
        return ""  # a page that says that the database is away has a bell, too
