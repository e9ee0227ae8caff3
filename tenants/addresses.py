"""Where a workspace and the public site live, whichever of them the reader is on."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from tenants.models import Tenant

PREFIX = "/w/"


def workspace_url(slug: str, path: str = "/") -> str:
    """The address of `path` (from the workspace's root) in the workspace `slug`."""
    return f"{PREFIX}{slug}/{path.lstrip('/')}"


def workspace_reverse(slug: str, name: str, *args: object) -> str:
    """`reverse()` for a page of a workspace, from anywhere."""
    path = _bare(reverse(name, urlconf=settings.ROOT_URLCONF, args=args))
    return workspace_url(slug, path)


def public_url(path: str = "/") -> str:
    """The address of a page of the public site, from anywhere on the platform's host."""
    return "/" + path.lstrip("/")


def public_reverse(name: str, *args: object) -> str:
    """`reverse()` for a page of the public site, from anywhere."""
    return _bare(reverse(name, urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=args))


def absolute_url(path: str, *, home: str = "") -> str:
    """`path` from the host's root as a whole address: under PUBLIC_URL where the operator set it, else under `home`."""
    return (settings.PUBLIC_URL.rstrip("/") or home) + path


def home_of(tenant: Tenant) -> str:
    return workspace_url(tenant.slug)


def _bare(path: str) -> str:
    """Take off the prefix that the middleware put before every reversed address."""
    if not path.startswith(PREFIX):
        return path
    return "/" + path[len(PREFIX) :].partition("/")[2]
