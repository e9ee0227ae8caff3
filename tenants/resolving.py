"""From a host name or the first part of a path to a workspace, with a short memory per process."""

from __future__ import annotations

import time
from typing import NamedTuple

from tenants.context import PUBLIC, enter
from tenants.models import SLUG, Tenant

SECONDS = 15.0
MOST = 10_000
LONGEST = 253  # of a host name


class _Known(NamedTuple):
    until: float
    tenant: Tenant | None


_known: dict[str, _Known] = {}


def remembered(key: str) -> _Known | None:
    known = _known.get(key)
    return known if known and known.until > time.monotonic() else None


def resolve(key: str) -> Tenant | None:
    """The tenant for `host:<name>`, `slug:<slug>` or `schema:<name>`; None where there is none. Reads the public schema."""
    if not _can_be(key):
        return None
    known = remembered(key)
    if known is None:
        known = _Known(time.monotonic() + SECONDS, _look_up(key))
        if len(_known) >= MOST:
            _known.clear()
        _known[key] = known
    return known.tenant


def _can_be(key: str) -> bool:
    """What strangers make up is neither looked for nor remembered."""
    kind, _, value = key.partition(":")
    return bool(SLUG.match(value)) if kind == "slug" else len(value) <= LONGEST


def forget() -> None:
    """Call after a workspace or host name has changed; other processes follow within SECONDS."""
    _known.clear()


def _look_up(key: str) -> Tenant | None:
    kind, _, value = key.partition(":")
    tenants = Tenant.objects.exclude(status=Tenant.Status.TEMPLATE)
    field = {"host": "domains__domain", "slug": "slug", "schema": "schema_name"}[kind]
    with enter(PUBLIC):
        tenant: Tenant | None = tenants.filter(**{field: value}).first()
    return tenant
