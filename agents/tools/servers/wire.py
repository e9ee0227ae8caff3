"""The egress door for the mcp library, which waits on for an answer that broke off: here the breaking is told at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import cast

import httpx

from tenants.egress import EgressError, Policy, egress_transport

Broke = Callable[[EgressError], None]


class WatchedTransport(httpx.AsyncBaseTransport):
    """Calls `broke` when the answer to something that was sent does not arrive whole."""

    def __init__(self, policy: Policy, broke: Broke) -> None:
        self._inner = egress_transport(policy)
        self._broke = broke

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if request.method == "POST":
            answer.stream = _Watched(cast(httpx.AsyncByteStream, answer.stream), self._broke)
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Watched(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, broke: Broke) -> None:
        self._inner, self._broke = inner, broke

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._inner:
                yield piece
        except EgressError as error:
            self._broke(error)
            raise

    async def aclose(self) -> None:
        await self._inner.aclose()
