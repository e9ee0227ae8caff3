"""Who is there, and who gets the next piece of work."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from agents.protocol.errors import BadMessage
from agents.protocol.local.bus import LocalBus
from agents.protocol.local.registry import LocalRegistry
from agents.protocol.registry import Card, Registry
from agents.protocol.streams.registry import StreamsRegistry
from agents.protocol.terms import Terms
from agents.protocol.topics import HEALTH
from tests.protocol.conftest import until


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus()


@pytest.fixture(params=["local", "streams"])
def registry(request: pytest.FixtureRequest, bus: LocalBus, scope: str) -> Registry:
    if request.param == "local":
        return LocalRegistry(bus)
    redis: Redis = request.getfixturevalue("redis")
    return StreamsRegistry(redis, scope, bus)


async def names(registry: Registry, *capabilities: str, willing: bool = True) -> list[str]:
    return [card.name for card in await registry.find(*capabilities, willing=willing)]


async def test_found_by_what_they_can(registry: Registry) -> None:
    await registry.announce(Card("carol", ("search", "write")))
    await registry.announce(Card("bob", ("search",), detail="ä"))
    assert await names(registry, "search") == ["bob", "carol"]
    assert await names(registry, "search", "write") == ["carol"]
    assert await names(registry, "dance") == []
    assert (await registry.agents())[0] == Card("bob", ("search",), detail="ä")


async def test_no_capabilities_survive_a_change(registry: Registry) -> None:
    await registry.announce(Card("bob", capacity=2))
    assert await registry.heartbeat("bob", health="degraded", detail="slow")
    assert await registry.agents() == [Card("bob", (), 0, 2, "degraded", "slow")]
    borrowed = await registry.borrow()
    assert borrowed is not None
    assert (borrowed.name, borrowed.load) == ("bob", 1)


async def test_the_unwell_get_no_work(registry: Registry) -> None:
    for name, health in (("bob", "unhealthy"), ("carol", "draining"), ("dave", "degraded")):
        await registry.announce(Card(name, ("search",), health=health))  # type: ignore[arg-type]
    assert await names(registry, "search") == ["dave"]
    assert await names(registry, "search", willing=False) == ["bob", "carol", "dave"]
    borrowed = await registry.borrow("search")
    assert borrowed is not None
    assert borrowed.name == "dave"
    assert await registry.borrow("search") is None


async def test_the_least_busy_goes_first_and_no_load_is_given_twice(registry: Registry) -> None:
    await registry.announce(Card("big", ("search",), capacity=4))
    await registry.announce(Card("small", ("search",), capacity=1))
    borrowed = await asyncio.gather(*(registry.borrow("search") for _ in range(6)))
    taken = sorted(card.name for card in borrowed if card is not None)
    assert taken == ["big", "big", "big", "big", "small"]
    await registry.give_back("small")
    again = await registry.borrow("search")
    assert again is not None
    assert again.name == "small"


async def test_healthy_before_degraded(registry: Registry) -> None:
    await registry.announce(Card("a", capacity=10, health="degraded"))
    await registry.announce(Card("b", load=8, capacity=10))
    borrowed = await registry.borrow()
    assert borrowed is not None
    assert borrowed.name == "b"


async def test_who_is_silent_is_gone_and_it_is_told_once(registry: Registry, bus: LocalBus) -> None:
    inbox = await bus.open("watcher", Terms(topics=(HEALTH,)))
    await registry.announce(Card("carol"), ttl=600)
    await registry.announce(Card("bob"), ttl=0.05)

    async def is_gone() -> bool:
        return await names(registry) == ["carol"]

    await until(is_gone)
    assert await names(registry) == ["carol"]
    assert not await registry.heartbeat("bob")
    told = [(one.message.content["agent"], one.message.content["health"]) for one in await inbox.take()]
    assert told == [("carol", "healthy"), ("bob", "healthy"), ("bob", "gone")]


async def test_a_sign_of_life_prolongs_it(registry: Registry, redis: Redis) -> None:
    await registry.announce(Card("bob"), ttl=600)
    before = await expiry(registry, redis)
    await asyncio.sleep(0.01)
    assert await registry.heartbeat("bob")
    assert await expiry(registry, redis) > before


async def expiry(registry: Registry, redis: Redis) -> float:
    """When bob is forgotten, by the registry's own clock."""
    if isinstance(registry, LocalRegistry):
        return registry._places["bob"].until
    assert isinstance(registry, StreamsRegistry)
    return await redis.zscore(registry._keys[1], "bob") or 0.0


async def test_changes_of_health_are_told(registry: Registry, bus: LocalBus) -> None:
    inbox = await bus.open("watcher", Terms(topics=("agent.*",)))
    await registry.announce(Card("bob"))
    await registry.heartbeat("bob", health="healthy")
    await registry.heartbeat("bob", health="unhealthy", detail="no disk")
    await registry.withdraw("bob")
    await registry.withdraw("bob")
    assert [one.message.content for one in await inbox.take()] == [
        {"agent": "bob", "health": "healthy", "detail": ""},
        {"agent": "bob", "health": "unhealthy", "detail": "no disk"},
        {"agent": "bob", "health": "gone", "detail": "It left."},
    ]


@pytest.mark.parametrize(
    "card", [Card(""), Card("b", ("",)), Card("b", ("x",) * 51), Card("b", capacity=0), Card("b", load=-1)]
)
async def test_refused(registry: Registry, card: Card) -> None:
    with pytest.raises(BadMessage):
        await registry.announce(card)
    assert await registry.agents() == []
