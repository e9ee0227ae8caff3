"""How many requests one caller may make in a minute, counted in Redis for all processes together."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
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
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def take(scope: str, caller: str, limit: int) -> Allowance:
    """Count one request of `caller`. With Redis away nothing is refused: the limit protects, it does not guard."""
    now = int(time.time())
    reset = WINDOW - now % WINDOW
    key = f"limit:{scope}:{hashlib.sha256(caller.encode()).hexdigest()[:32]}:{now // WINDOW}"
    try:
        used = _count(key)
    except RedisError:
        log.warning("Redis is away; requests are not counted")
        return Allowance(limit, limit, reset)
    return Allowance(limit, limit - used, reset)


def _count(key: str) -> int:
    store = caches["shared"]
    store.add(key, 0, timeout=2 * WINDOW)
    try:
        return store.incr(key)
    except ValueError:  # the key ended between the two calls
        return 1


def take_or_refuse(scope: str, caller: str, limit: int) -> Allowance:
    allowance = take(scope, caller, limit)
    if allowance.remaining < 0:
        raise RateLimited(
            f"More than {limit} requests in a minute. Try again in {allowance.reset} s.", retry_after=allowance.reset
        )
    return allowance


def take_for(request: Request) -> Allowance:
    """Count an API request for its user, or for its address while nobody is signed in."""
    if request.user and request.user.is_authenticated:
        return take("user", str(request.user.pk), settings.API_REQUESTS_PER_MINUTE)
    return take("address", str(request.META.get("REMOTE_ADDR", "")), settings.API_ANONYMOUS_REQUESTS_PER_MINUTE)
