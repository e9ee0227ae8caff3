"""Two ends of one bus: the same object in process, two processes' ends over Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import NamedTuple
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from agents.protocol.bus import Bus
from agents.protocol.history import Record
from agents.protocol.local.bus import LocalBus
from agents.protocol.streams.bus import StreamsBus
from agents.protocol.streams.connecting import connect
from tests.servers.storage import Storage


class Book:
    """A history that remembers."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def add(self, record: Record) -> None:
        self.records.append(record)

    async def room(self) -> None:
        """There is always room."""

    def told(self) -> list[tuple[object, str, str]]:
        return [(record.message.content, record.state, record.note) for record in self.records]


class Ends(NamedTuple):
    """`near` sends, `far` has the inboxes."""

    near: Bus
    far: Bus
    book: Book


@pytest.fixture
def redis_url(storage: Storage) -> str:
    storage.start()
    return storage.redis_url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = connect(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
def scope() -> str:
    return f"t_acme:{uuid4().hex}"


@pytest.fixture
async def streams(redis: Redis, scope: str) -> AsyncIterator[Ends]:
    book = Book()
    near, far = StreamsBus(redis, scope, book), StreamsBus(redis, scope, book)
    yield Ends(near, far, book)
    await near.aclose()
    await far.aclose()


@pytest.fixture
async def local() -> AsyncIterator[Ends]:
    book = Book()
    bus = LocalBus(book)
    yield Ends(bus, bus, book)
    await bus.aclose()


@pytest.fixture(params=["local", "streams"])
def ends(request: pytest.FixtureRequest) -> Ends:
    found: Ends = request.getfixturevalue(request.param)
    return found


async def until(met: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> None:
    """Until what another task, a thread of Redis or another process does has come about."""
    async with asyncio.timeout(120):
        while True:
            found = met()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


def contents(deliveries: Sequence[object]) -> list[object]:
    return [delivery.message.content for delivery in deliveries]  # type: ignore[attr-defined]
