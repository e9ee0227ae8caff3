"""HTTP by Django with one change of thread per request.

Django's own ASGI handler changes between the event loop and a thread several times for a synchronous view, and starts a
thread for every request. Here the loop reads the request whole, a thread of a bounded pool answers it from the first
middleware to the last, and the loop sends what came out. Streams without a thread of their own (`is_async`) run on the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from functools import partial
from typing import Any

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

AT_ONCE = 256 * 1024  # bytes of a file that are read in one go

Message = dict[str, Any]
InThread = Callable[..., Any]


class ThreadedHandler(ASGIHandler):
    """Requests and answers as Django's ASGI handler makes them; the middleware and the view are plain calls."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(settings.HTTP_THREADS, thread_name_prefix="http")

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002  (Django's signature)
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        in_thread: InThread = partial(asyncio.get_running_loop().run_in_executor, self._threads, Context().run)  # type: ignore[arg-type]
        response: HttpResponseBase = await in_thread(self._answer, scope, body)
        if isinstance(response, StreamingHttpResponse):
            await self._stream(response, in_thread, receive, send)
        else:
            await self.send_response(response, send)

    def _answer(self, scope: Any, body: Any) -> HttpResponseBase:
        """In a thread, in a context of its own: whose workspace it is ends with the request, and so does its connection."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self.get_response(request)
        response._handler_class = type(self)  # noqa: SLF001 - the sender of `request_finished`
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if not response.streaming:
            response.close()
        if request is None:
            body.close()
        return response  # type: ignore[no-any-return]

    async def _stream(self, response: StreamingHttpResponse, in_thread: InThread, receive: Any, send: Any) -> None:
        """Until it is sent or the client has gone."""
        if not response.is_async:
            response.streaming_content = _pieces(iter(response.streaming_content), in_thread)  # type: ignore[arg-type]
        sending = asyncio.ensure_future(self.send_response(response, send))
        gone = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            unfinished = [task for task in (sending, gone) if task.cancel()]
            await asyncio.gather(*unfinished, return_exceptions=True)
            await in_thread(response.close)
        if not sending.cancelled():
            sending.result()


async def _pieces(parts: Iterator[bytes], in_thread: InThread) -> AsyncIterator[bytes]:
    while piece := await in_thread(_next, parts):
        yield piece


def _next(parts: Iterator[bytes]) -> bytes:
    """About as much as one go may hold; nothing at the end."""
    gathered, size = [], 0
    for part in parts:
        gathered.append(part)
        size += len(part)
        if size >= AT_ONCE:
            break
    return b"".join(gathered)
