"""How many requests one caller may make in a minute, counted in Redis for all processes together."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.request import Request

from tenants.errors import RateLimited

log = logging.getLogger(__name__)
WINDOW = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left in this window; `reset` in seconds."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(self.remaining, 0)),
            "RateLimit-Reset": str(self.reset),
        }


def take(scope: str, caller: str, limit: int, *, window: int = WINDOW) -> Allowance:
    """Count one request of `caller`. With Redis away nothing is refused: the limit protects, it does not guard."""
    now = int(time.time())
    reset = window - now % window
    key = f"limit:{scope}:{hashlib.sha256(caller.encode()).hexdigest()[:32]}:{now // window}"
    try:
        used = _count(key, 2 * window)
    except RedisError:
        log.warning("Redis is away; requests are not counted")
        return Allowance(limit, limit, reset)
    return Allowance(limit, limit - used, reset)


def _count(key: str, timeout: int) -> int:
    used = int(_redis().incr(key))
    if used == 1:
        _redis().expire(key, timeout)
    return used


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.CACHES["shared"]["LOCATION"], socket_timeout=2, socket_connect_timeout=2)


def take_or_refuse(scope: str, caller: str, limit: int, *, window: int = WINDOW) -> Allowance:
    allowance = take(scope, caller, limit, window=window)
    refuse_if_used_up(allowance)
    return allowance


def refuse_if_used_up(allowance: Allowance) -> None:
    if allowance.remaining < 0:
        raise RateLimited(
            f"More than {allowance.limit} of these in too short a time. Try again in {allowance.reset} s.",
            retry_after=allowance.reset,
        )


def take_for(request: Request) -> Allowance:
    """Count an API request for its user, or for its address while nobody is signed in."""
    if request.user.is_authenticated:
        return take("user", str(request.user.pk), settings.API_REQUESTS_PER_MINUTE)
    return take_for_address(request)


def take_for_address(request: Request) -> Allowance:
    return take("address", address_of(request), settings.API_ANONYMOUS_REQUESTS_PER_MINUTE)


def address_of(request: Request) -> str:
    """Where a request comes from; of IPv6 the /64, which is one customer's. Empty where nobody says."""
    address = origin_of(request.META)
    if address is None:
        return ""
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def origin_of(meta: Mapping[str, Any]) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The client's address, as far as our own proxies vouch for it."""
    passed = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    trusted = settings.TRUSTED_PROXIES
    named = passed[-trusted] if trusted and len(passed) >= trusted else ""
    for candidate in (named.strip(), str(meta.get("REMOTE_ADDR", ""))):
        try:
            return ipaddress.ip_address(candidate)
        except ValueError:
            continue
    return None
