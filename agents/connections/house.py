"""What all gateways of this process share: the breaker, the quick layers of the cache, the counts."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from redis.asyncio import Redis

from agents.connections import metrics, store
from agents.connections.stats import Stats
from agents.llm.breaker import CircuitBreaker
from agents.llm.cache import ProcessLayer, RedisLayer
from agents.llm.guards import Observation
from agents.llm.loop import wait_for
from agents.llm.ratelimits import LocalWindows
from agents.llm.shared import SharedMemory


@cache
def memory() -> SharedMemory:
    return SharedMemory(_connect, patience=settings.LLM_REDIS_PATIENCE)


@cache
def breaker() -> CircuitBreaker:
    return CircuitBreaker(memory())


@cache
def process_layer() -> ProcessLayer:
    return ProcessLayer(most_bytes=settings.LLM_CACHE["process_bytes"])


@cache
def redis_layer() -> RedisLayer:
    return RedisLayer(memory(), seconds=settings.LLM_CACHE["redis_seconds"])


@cache
def windows() -> LocalWindows:
    return LocalWindows()


@cache
def stats() -> Stats:
    return Stats(memory())


def observe(seen: Observation) -> None:
    metrics.observe(seen)
    stats().note(seen)


def forget() -> None:
    """Begin as a new process would. For tests."""
    if memory.cache_info().currsize:
        wait_for(_close())
    for made in (memory, breaker, process_layer, redis_layer, windows, stats):
        made.cache_clear()


async def _close() -> None:
    await store.flush()
    await stats().close()
    await memory().close()


def _connect() -> Redis:
    patience = settings.LLM_REDIS_PATIENCE
    return Redis.from_url(settings.LLM_REDIS_URL, socket_connect_timeout=patience, socket_timeout=2 * patience)
