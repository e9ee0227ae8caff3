"""Many connections at once without the price of a large pool.

httpcore looks at every connection of a pool, and polls each idle one's socket, whenever a request begins or ends: with 500 calls at
once that is most of a processor. So calls are spread over pools of a few connections each, the first that has room.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx

AT_ONCE = 12  # calls per pool


class _Pool:
    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self.transport = transport
        self.busy = 0


class Spread(httpx.AsyncBaseTransport):
    """As many transports from `make` as the calls under way need."""

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport]) -> None:
        self._make = make
        self._pools: list[_Pool] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        pool = next((pool for pool in self._pools if pool.busy < AT_ONCE), None) or self._another()
        pool.busy += 1
        try:
            response = await pool.transport.handle_async_request(request)
        except BaseException:  # raised again: also a cancelled call is under way no more
            pool.busy -= 1
            raise
        body = response.stream
        assert isinstance(body, httpx.AsyncByteStream)  # noqa: S101 - for the type checker: what an async transport returns
        response.stream = _Counted(body, pool)
        return response

    async def aclose(self) -> None:
        for pool in self._pools:
            await pool.transport.aclose()

    def _another(self) -> _Pool:
        pool = _Pool(self._make())
        self._pools.append(pool)
        return pool


class _Counted(httpx.AsyncByteStream):
    """The body of an answer; when it is closed its pool has room again."""

    def __init__(self, inner: httpx.AsyncByteStream, pool: _Pool) -> None:
        self._inner = inner
        self._pool: _Pool | None = pool

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for content in self._inner:
            yield content

    async def aclose(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.busy -= 1
        await self._inner.aclose()
