"""httpx's client without what has no place between us and a model server."""

from __future__ import annotations

from typing import Any

import httpx

NEEDS_NOTHING = frozenset({"timeout"})  # the watch has our limits


class PlainClient(httpx.AsyncClient):
    """Sends a request as it was made, and hands on the answer: no cookies, no sign-in, no redirects, no hooks and no line of log.

    httpx looks for each of these in every call, which takes as long as all the rest of one.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        super().__init__(transport=transport, timeout=None, follow_redirects=False, trust_env=False)
        self._straight = transport

    def build_request(self, method: str, url: httpx.URL | str, **more: Any) -> httpx.Request:
        """Of a body in bytes; what else a request may be made of is left to httpx."""
        content, headers = more.pop("content", None), more.pop("headers", None)
        if not isinstance(content, bytes) or any(value for name, value in more.items() if name not in NEEDS_NOTHING):
            return super().build_request(method, url, content=content, headers=headers, **more)
        request = httpx.Request(method, url, headers=headers, stream=httpx.ByteStream(content))
        request.headers["Host"] = request.url.netloc.decode("ascii")
        request.headers["Content-Length"] = str(len(content))  # without it httpcore sends no body
        return request

    async def send(self, request: httpx.Request, *, stream: bool = False, **_: Any) -> httpx.Response:
        if self.is_closed:
            raise RuntimeError("This client has been closed.")
        response = await self._straight.handle_async_request(request)
        response.request = request
        if stream:
            return response
        try:
            await response.aread()
        finally:
            await response.aclose()
        return response
