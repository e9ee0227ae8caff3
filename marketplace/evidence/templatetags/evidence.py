"""Figures as people read them."""

from __future__ import annotations

from django import template

from marketplace.evidence.figures import in_workspaces

register = template.Library()
register.filter("in_workspaces", in_workspaces)


@register.filter
def percent(rate: float) -> str:
    return f"{rate:.0%}"


@register.filter
def spell(seconds: float) -> str:
    """A span of time: `0.8 s`, `42 s`, `3 min`, `2 h`."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.0f} h"
