"""Links inside sentences."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
MORE = " More: "


@register.filter
def linked(text: str) -> SafeString | str:
    """A sentence whose end names a page of this site, as in `It was blocked. More: /market/acme/reader/`, with that page as a link."""
    sentence, mark, path = text.rpartition(MORE)
    if not mark or not path.startswith("/") or path.startswith("//"):
        return text
    return format_html('{} <a href="{}">Read more</a>.', sentence, path)
