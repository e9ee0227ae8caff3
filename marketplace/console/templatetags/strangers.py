"""Showing what strangers wrote."""

from __future__ import annotations

import json

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marketplace.console.visible import Stretch, stretches
from projects.branching.diffing import diff

register = template.Library()


@register.filter
def visible(text: object) -> SafeString:
    """`text`, escaped, with a mark wherever a reader would see nothing or something else."""
    return format_html_join("", "{}", ((_shown(stretch),) for stretch in stretches(str(text))))


@register.simple_tag
def changed(before: object, after: object) -> SafeString:
    """What leads from one text to another, as <del> and <ins>, with hidden characters shown in both."""
    words = {"added": "<ins>{}</ins>", "removed": "<del>{}</del>", "same": "{}"}
    return format_html_join(
        "", "{}", ((format_html(words[piece.change], visible(piece.text)),) for piece in diff(str(before), str(after)))
    )


def _shown(stretch: Stretch) -> SafeString:
    if stretch.name:
        return format_html('<span class="unseen" title="{}">{}</span>', stretch.name, stretch.text)
    return format_html("{}", stretch.text)


@register.filter
def pretty(value: object) -> str:
    """Text as it is, anything else as indented JSON."""
    return (
        value
        if isinstance(value, str)
        else json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True, default=str)
    )
