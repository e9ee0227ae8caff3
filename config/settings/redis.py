"""Redis: database 0 wakes workers, 1 caches, 2 carries live messages. Nothing in it is the only copy of anything."""

from __future__ import annotations

from urllib.parse import urlsplit

from config.settings.base import ENV
from config.stack import paths

REDIS_URL = ENV.redis_url or paths.current().redis_url()


def redis_database(number: int) -> str:
    parts = urlsplit(REDIS_URL)
    if parts.scheme == "unix":
        return f"unix://{parts.netloc}{parts.path}?db={number}"
    return f"{parts.scheme}://{parts.netloc}/{number}"


def broker() -> str:
    parts = urlsplit(REDIS_URL)
    return f"redis+socket://{parts.path}?virtual_host=0" if parts.scheme == "unix" else redis_database(0)


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_database(1),
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "REVERSE_KEY_FUNCTION": "django_tenants.cache.reverse_key",
    },
    "shared": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_database(1),
        "KEY_PREFIX": "shared",
    },
}
LIVE_REDIS_URL = redis_database(2)
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [LIVE_REDIS_URL]}},
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_CACHE_ALIAS = "shared"
