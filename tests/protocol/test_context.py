"""Values that agents share: nobody overwrites what they have not read, nobody reads what is another's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from agents.protocol import context as shared
from agents.protocol.context import Change, SharedContext, View
from agents.protocol.errors import BadMessage, NotAllowed, TooMuch, VersionConflict
from agents.protocol.local.context import LocalContext
from agents.protocol.streams.context import StreamsContext


@pytest.fixture(params=["local", "streams"])
def context(request: pytest.FixtureRequest, scope: str) -> SharedContext:
    if request.param == "local":
        return LocalContext()
    redis: Redis = request.getfixturevalue("redis")
    return StreamsContext(redis, scope)


async def test_what_was_put_is_there(context: SharedContext) -> None:
    put = await context.put("plan", {"steps": [1, "ä"]}, by="alice")
    assert (put.value, put.version, put.revision, put.by) == ({"steps": [1, "ä"]}, 1, 1, "alice")
    assert await context.get("plan") == put
    assert await context.get("other") is None


async def test_history_newest_first_and_bounded(context: SharedContext) -> None:
    for n in range(1, 24):
        await context.put("n", n, by="alice")
    past = await context.history("n")
    assert [entry.value for entry in past] == list(range(23, 3, -1))
    assert [entry.version for entry in past[:2]] == [23, 22]


async def test_compare_and_set(context: SharedContext) -> None:
    await context.put("n", 1, by="alice", expected=0)
    with pytest.raises(VersionConflict) as conflict:
        await context.put("n", 2, by="bob", expected=0)
    assert conflict.value.current == 1
    await context.put("n", 2, by="bob", expected=1)
    found = await context.get("n")
    assert found is not None
    assert (found.value, found.version, found.by) == (2, 2, "bob")


async def test_of_many_at_once_one_wins(context: SharedContext) -> None:
    async def take(agent: str) -> bool:
        try:
            await context.put("lock", agent, by=agent, expected=0)
        except VersionConflict:
            return False
        return True

    assert sum(await asyncio.gather(*(take(f"agent {n}") for n in range(10)))) == 1


async def test_delete(context: SharedContext) -> None:
    await context.put("n", 1, by="alice")
    with pytest.raises(VersionConflict):
        await context.delete("n", by="alice", expected=7)
    assert await context.delete("n", by="bob", expected=1)
    assert not await context.delete("n", by="bob")
    assert await context.get("n") is None
    assert await context.history("n") == []
    assert (await context.put("n", 2, by="alice", expected=0)).version == 1


async def test_listed_by_prefix(context: SharedContext) -> None:
    for key in ("notes/b", "notes/a", "plan"):
        await context.put(key, key, by="alice")
    assert [entry.key for entry in await context.list("notes/")] == ["notes/a", "notes/b"]
    assert len(await context.list()) == 3


async def test_an_agents_own_namespace(context: SharedContext) -> None:
    alice, bob = View(context, "alice"), View(context, "bob")
    await alice.put("draft", "mine", own=True)
    await alice.put("draft", "ours")
    assert await bob.get("draft", own=True) is None
    found = await bob.get("draft")
    assert found is not None
    assert found.value == "ours"
    assert [entry.value for entry in await alice.list(own=True)] == ["mine"]
    assert await alice.delete("draft", own=True)
    assert [entry.value for entry in await alice.history("draft")] == ["ours"]
    with pytest.raises(NotAllowed):
        await context.put("draft", "yours", by="bob", namespace="alice")


async def test_watching(context: SharedContext) -> None:
    await context.put("notes/a", 0, by="alice")
    told: list[Change] = []

    async def watch(changes: AsyncIterator[Change]) -> None:
        async for change in changes:
            told.append(change)
            if change.kind == "deleted":
                return

    watching = asyncio.create_task(watch(context.watch("notes/", namespace="")))
    while not told:
        await context.put("notes/begin", "do you watch?", by="alice")
        await asyncio.sleep(0.05)
    await context.put("plan", 1, by="alice")
    await context.put("notes/a", 1, by="alice", namespace="")
    await context.put("notes/a", 2, by="alice", namespace="alice")
    await context.put("notes/b", 3, by="bob")
    await context.delete("notes/a", by="bob")
    await asyncio.wait_for(watching, 120)
    assert [(one.kind, one.key, one.entry and one.entry.value) for one in told if one.key != "notes/begin"] == [
        ("put", "notes/a", 1), ("put", "notes/b", 3), ("deleted", "notes/a", None),
    ]  # fmt: skip


async def test_a_slow_watcher_is_told_that_it_missed_something() -> None:
    context = LocalContext()
    changes = context.watch()
    first = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    for n in range(1_202):
        await context.put("n", n, by="alice")
    assert (await first).kind == "missed"
    await changes.aclose()  # type: ignore[attr-defined]
    assert context._watchers == []


async def test_bounds(context: SharedContext, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value, refusal in (
        ("", 1, TooMuch), ("x" * 201, 1, TooMuch), ("x", "x" * 70_000, TooMuch), ("x", {1}, BadMessage),
    ):  # fmt: skip
        with pytest.raises(refusal):
            await context.put(key, value, by="alice")
    for n in range(shared.MOST_KEYS):
        await context.put(f"k{n}", n, by="alice")
    with pytest.raises(TooMuch):
        await context.put("one more", 1, by="alice")
    await context.put("k5", "changed", by="alice")
    assert len(await context.list()) == shared.MOST_KEYS
