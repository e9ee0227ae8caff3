"""What the pages of signing up and signing in say to somebody who was invited."""

from __future__ import annotations

from django import template
from django.template import Context

from tenants.addresses import public_reverse
from tenants.handing import looked_at

register = template.Library()


@register.simple_tag(takes_context=True)
def invited_to(context: Context) -> str:
    """The name of the workspace whose invitation the page leads back to; empty where it leads elsewhere."""
    if context.get("redirect_field_value") != public_reverse("tenants:looked-at"):
        return ""
    invitation = looked_at(context["request"])
    return invitation.tenant.name if invitation else ""
