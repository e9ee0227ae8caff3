"""Work side by side, none of it left behind: whoever waits gets the first failure after the last one has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

Work = Callable[[], Awaitable[object]]


async def together(works: Sequence[Work], *, most: int = 0) -> None:
    """At most `most` at a time (0: all). When this is cancelled, so are they, and it waits until they have ended."""
    room = asyncio.Semaphore(most or max(1, len(works)))
    failures: list[Exception] = []

    async def one(work: Work) -> None:
        async with room:
            try:
                await work()
            except Exception as failure:  # noqa: BLE001 - raised again below, once the others have ended
                failures.append(failure)

    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(one(work))
    if failures:
        raise failures[0]
