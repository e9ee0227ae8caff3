"""Template names for `tenants.addresses`."""

from django import template

from tenants import addresses

register = template.Library()
register.simple_tag(addresses.workspace_url, name="workspace_url")
register.simple_tag(addresses.workspace_reverse, name="workspace_reverse")
register.simple_tag(addresses.public_url, name="public_url")
register.simple_tag(addresses.public_reverse, name="public_reverse")
