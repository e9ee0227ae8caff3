"""Money, spans of time and moments as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from projects.cards import spoken
from projects.rendering import opening, render_markdown

register = template.Library()
register.filter("spoken", spoken)
register.filter("opening", opening)
register.filter("markdown", render_markdown)
CENT = Decimal("0.01")


@register.filter
def money(amount: Decimal | float) -> str:
    """US dollars: cents, and four digits below a cent, so that a cheap run does not look free."""
    exact = Decimal(str(amount))
    if 0 < exact < CENT:
        return f"${max(exact, Decimal('0.0001')):.4f}"
    return f"${exact:,.2f}"


@register.filter
def signed(number: int) -> str:
    """A difference: `+46`, `−46`, `0`."""
    return f"{_sign(number)}{abs(number):,}"


@register.filter
def signed_money(amount: Decimal) -> str:
    return f"{_sign(amount)}{money(abs(amount))}"


@register.filter
def signed_span(seconds: float) -> str:
    return f"{_sign(seconds)}{span(abs(seconds))}"


def _sign(number: Decimal | float) -> str:
    return "+" if number > 0 else "−" if number < 0 else ""


@register.filter
def grouped(number: int) -> str:
    """12408 as 12,408."""
    return f"{number:,}"


@register.filter
def span(length: timedelta | float | None) -> str:
    """Seconds as `0.4 s`, `12 s`, `3 min 5 s`, `30 min`, `2 h 14 min`."""
    if length is None:
        return ""
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """A <time> element: `3 minutes ago`, with the exact moment as its title."""
    if moment is None:
        return "never"
    exact = moment.astimezone(timezone.get_current_timezone())
    words = "just now" if timezone.now() - moment < timedelta(minutes=1) else f"{timesince(moment, depth=1)} ago"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', exact.isoformat(), exact.strftime("%-d %B %Y, %H:%M %Z"), words
    )


@register.filter
def file_size(count: int) -> str:
    """Bytes as `812 B`, `24 kB`, `3.1 MB`, `2 GB`, in steps of 1024 as the limits are."""
    size, unit = float(count), "B"
    for larger in ("kB", "MB", "GB"):
        if size < 1000:
            break
        size, unit = size / 1024, larger
    shown = f"{size:.1f}".removesuffix(".0") if size < 10 else f"{size:.0f}"
    return f"{shown} {unit}"
