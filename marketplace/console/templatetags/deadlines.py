"""How far away a moment is."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.timesince import timesince

register = template.Library()


@register.filter
def distance(moment: datetime | None) -> str:
    """`3 hours`, before or after now; empty for no moment."""
    if moment is None:
        return ""
    now = timezone.now()
    return timesince(min(moment, now), max(moment, now), depth=1)
