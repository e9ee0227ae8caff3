"""Threads of a fresh process that send their first live message at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from projects.realtime import publishing
from tests.servers.storage import Storage

THREADS, ROUNDS = 8, 15


def test_first_messages_of_many_threads_at_once_disturb_nobody(storage: Storage) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        for _ in range(ROUNDS):
            publishing._redis.cache_clear()
            together = Barrier(THREADS)

            def send(barrier: Barrier = together) -> None:
                barrier.wait()
                publishing.publish("system:health", {"type": "system.health"}, schema="public")

            for sent in [threads.submit(send) for _ in range(THREADS)]:
                sent.result()
    assert publishing._silence.until == 0.0
