"""What the frame of every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

THEMES = frozenset({"light", "dark"})


def frame(request: HttpRequest) -> dict[str, Any]:
    """The chosen theme (empty: the system's), and the workspace and member where the page is in one."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "",
        "workspace": getattr(request, "tenant", None),
        "member": getattr(request, "member", None),
    }
