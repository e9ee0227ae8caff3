"""Many real processes that ask one breaker, told what to do over Redis. Without Redis they end."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

import redis
from redis.asyncio import Redis

from agents.llm.breaker import CircuitBreaker, Rules
from agents.llm.breaker.remote import RemoteCircuits
from agents.llm.guards import Permit
from agents.llm.shared import SharedMemory
from agents.llm.types import CircuitOpen, Target
from config.stack.paths import CHECKOUT

ORDERS, REPORTS = "fleet:orders:{}", "fleet:reports"


class Fleet:
    """Processes that each hold a breaker of the same rules; forked from one, because Python takes a while to start.

    An order says what time it is, `now` in milliseconds: none passes between two orders, however slow the machine.
    """

    def __init__(self, size: int, redis_url: str, rules: Rules) -> None:
        self._redis = redis.Redis.from_url(redis_url, socket_timeout=None)
        command = [sys.executable, "-m", "tests.guards.fleet", redis_url, json.dumps(asdict(rules)), str(size)]
        self._port = subprocess.Popen(command, cwd=CHECKOUT)
        self._pids = {each["number"]: int(each["pid"]) for each in self._reports(size)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in list(self._pids):
            self.sink(number)
        self._port.kill()
        self._port.wait()
        self._redis.close()

    def sink(self, number: int) -> None:
        """End one process as `kill -9` does."""
        os.kill(self._pids.pop(number), signal.SIGKILL)

    def all(self, **order: Any) -> list[dict[str, Any]]:
        """Everybody afloat does `order`; their reports."""
        return self.some(list(self._pids), **order)

    def some(self, numbers: list[int], **order: Any) -> list[dict[str, Any]]:
        with self._redis.pipeline() as orders:
            for number in numbers:
                orders.rpush(ORDERS.format(number), json.dumps(order))
            orders.execute()
        return self._reports(len(numbers))

    def _reports(self, size: int) -> list[dict[str, Any]]:
        found = []
        for _ in range(size):
            popped = self._redis.blpop([REPORTS], timeout=120)
            assert popped is not None, "a process of the fleet says nothing"
            found.append(json.loads(popped[1]))
        return found


class _Sailor:
    """One process of the fleet."""

    def __init__(self, redis_url: str, rules: Rules, number: int) -> None:
        self._orders = ORDERS.format(number)
        self._redis = Redis.from_url(redis_url, socket_timeout=None)
        self._number = number
        self._now = 0
        memory = SharedMemory(lambda: Redis.from_url(redis_url), patience=60)
        remote = RemoteCircuits(memory, rules, clock=self._clock)
        self._breaker = CircuitBreaker(memory, rules=rules, clock=self._clock, remote=remote)
        self._held: Permit | None = None

    async def work(self) -> None:
        await self._report(pid=os.getpid())
        while True:
            _, order = await self._redis.blpop([self._orders])  # type: ignore[misc]
            await self._report(**await self._do(**json.loads(order)))

    def _clock(self) -> int:
        return self._now

    async def _do(self, *, deed: str, target: dict[str, Any], now: int, **how: Any) -> dict[str, Any]:
        self._now = now
        if deed == "enter":
            return await self._enter(Target(**target))
        if deed == "leave":
            return await self._leave(**how)
        return await self._call(Target(**target), **how)

    async def _enter(self, target: Target) -> dict[str, Any]:
        try:
            self._held = await self._breaker.allow(target)
        except CircuitOpen:
            return {"passed": False}
        return {"passed": True, "probe": bool(self._held.probe)}

    async def _leave(self, outcome: Any) -> dict[str, Any]:
        if self._held is not None:
            await self._breaker.record(self._held, outcome)
            self._held = None
        return {}

    async def _call(self, target: Target, *, port: int, times: int, pause: float) -> dict[str, Any]:
        """Call a server again and again, as long as the breaker lets us."""
        passed = refused = 0
        for _ in range(times):
            await asyncio.sleep(random.uniform(0, pause))
            try:
                permit = await self._breaker.allow(target)
            except CircuitOpen:
                refused += 1
                continue
            passed += 1
            await self._breaker.record(permit, "ok" if _ask(port) == 200 else "fail")
        return {"passed": passed, "refused": refused}

    async def _report(self, **found: Any) -> None:
        await self._redis.rpush(REPORTS, json.dumps({"number": self._number, **found}))


def _ask(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    body = json.dumps({"model": "fake-1", "messages": [{"role": "user", "content": "Hello?"}]})
    try:
        connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


def _launch(redis_url: str, rules: Rules, size: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for number in range(size):
        if os.fork() == 0:
            asyncio.run(_Sailor(redis_url, rules, number).work())
    signal.pause()


if __name__ == "__main__":
    _, url, given, many = sys.argv
    _launch(url, Rules(**json.loads(given)), int(many))
