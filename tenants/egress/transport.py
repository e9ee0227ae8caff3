"""The door itself: httpx's transport over connections that go to looked-at addresses only."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore
import httpx

from tenants.egress.body import BoundedStream, Unpacker
from tenants.egress.errors import EgressFailed, EgressRefused, EgressTimeout, EgressUnreachable
from tenants.egress.failures import KNOWN, as_egress
from tenants.egress.policy import Policy
from tenants.egress.resolving import addresses_of
from tenants.egress.urls import admit, port_of

KEPT_SECONDS = 30.0


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that were looked at, never to a name: what resolves differently a moment later is not asked."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = EgressUnreachable("unreachable", "Nothing answers there.")
        for address in await addresses_of(host, port, self._policy):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise EgressRefused("scheme", "Sockets of this machine cannot be reached.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class EgressTransport(httpx.AsyncBaseTransport):
    """For `httpx.AsyncClient(transport=…, trust_env=False)`. Raises EgressError, which httpx knows as TransportError."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        shared: dict[str, Any] = {
            "ssl_context": policy.trust or _trusted(),
            "max_connections": policy.connections,
            "keepalive_expiry": KEPT_SECONDS,
        }
        self._direct = httpcore.AsyncConnectionPool(network_backend=GuardedBackend(policy), **shared)
        self._proxied = httpcore.AsyncHTTPProxy(policy.proxy, **shared) if policy.proxy else None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        admit(request.url, self.policy)
        ends = asyncio.get_running_loop().time() + self.policy.seconds
        pool = await self._pool(request.url)
        try:
            async with asyncio.timeout_at(ends):
                answer = await pool.handle_async_request(self._outgoing(request))
        except TimeoutError:
            raise EgressTimeout("timeout", "The other side took too long to answer.") from None
        except KNOWN as error:
            raise as_egress(error) from error
        try:
            return self._bounded(answer, ends)
        except EgressFailed:
            await answer.aclose()
            raise

    async def _pool(self, url: httpx.URL) -> httpcore.AsyncConnectionPool:
        """Through the operator's proxy, where there is one, goes what is not local; the proxy resolves again by its own rules."""
        if self._proxied is None or self.policy.is_local(url.host, port_of(url)):
            return self._direct
        await addresses_of(url.host, port_of(url), self.policy)
        return self._proxied

    def _outgoing(self, request: httpx.Request) -> httpcore.Request:
        request.headers["Accept-Encoding"] = "gzip, deflate"
        timeouts = {**request.extensions.get("timeout", {}), "connect": self.policy.connect_seconds}
        url = request.url
        return httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": timeouts},
        )

    def _bounded(self, answer: httpcore.Response, ends: float) -> httpx.Response:
        policy = self.policy
        headers = httpx.Headers(answer.headers)
        if sum(len(name) + len(value) for name, value in answer.headers) > policy.most_header_bytes:
            raise EgressFailed("too_large", "The headers of the answer are too long.")
        unpacker = Unpacker(headers.get("Content-Encoding", "").strip().lower())
        if headers.get("Content-Encoding"):
            del headers["Content-Encoding"]
            headers.pop("Content-Length", None)
        declared = headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > policy.most_bytes and not policy.cut:
            raise EgressFailed("too_large", f"The answer is larger than {policy.most_bytes:,} bytes.")
        stream = BoundedStream(answer.stream, unpacker, most=policy.most_bytes, ends=ends, cut=policy.cut)  # type: ignore[arg-type]
        return httpx.Response(answer.status, headers=headers, stream=stream)

    async def aclose(self) -> None:
        await self._direct.aclose()
        if self._proxied is not None:
            await self._proxied.aclose()


def egress_transport(policy: Policy) -> EgressTransport:
    """A transport for any client that is built on httpx. Keep it per workspace: connections are not shared between tenants."""
    return EgressTransport(policy)


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()
