"""Is everything there? For load balancers, for the operator, and live for whoever watches `system:health`."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from redis.exceptions import RedisError

from projects.work.queue import waiting
from projects.work.tasks import QUEUES


@dataclass(frozen=True, slots=True)
class Health:
    """`status` is "ok" when both stores answer; `queues` counts what waits in each."""

    status: str
    database: bool
    redis: bool
    queues: dict[str, int]


def health() -> Health:
    database, cache = _database_answers(), _redis_answers()
    queues = {name: waiting(name) for name in QUEUES} if database else {}
    return Health("ok" if database and cache else "degraded", database, cache, queues)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.CACHES["shared"]["LOCATION"], socket_timeout=2) as client:
            return bool(client.ping())
    except RedisError:
        return False


def live(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:
    """This process and its stores answer; 503 otherwise."""
    found = health()
    return JsonResponse(
        {"status": found.status, "database": found.database, "redis": found.redis},
        status=200 if found.status == "ok" else 503,
    )


def message() -> dict[str, object]:
    return {"type": "system.health", "seq": None, "timestamp": timezone.now().isoformat(), "data": asdict(health())}
