"""The body of an answer as it arrives: unpacked, counted and timed."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import httpx

from tenants.egress.errors import EgressFailed, EgressTimeout
from tenants.egress.failures import KNOWN, as_egress

PIECE = 65_536
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class Raw(Protocol):
    """A response's bytes as httpcore hands them on."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


class Unpacker:
    """Undoes one content encoding in pieces of at most 64 kB, however much a few bytes blow up to."""

    def __init__(self, encoding: str) -> None:
        if encoding not in {*_WINDOWS, "", "identity"}:
            raise EgressFailed("encoding", f"The answer is packed as “{encoding[:40]}”, which was not asked for.")
        self._zip = zlib.decompressobj(_WINDOWS[encoding]) if encoding in _WINDOWS else None
        self._began = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if self._zip is None:
            yield data
            return
        self._began = True
        try:
            while data:
                yield self._zip.decompress(data, PIECE)
                data = self._zip.unconsumed_tail
        except zlib.error as error:
            raise EgressFailed("encoding", "The answer is damaged: it cannot be unpacked.") from error

    def finish(self) -> None:
        """Raise for a body that ends too early; none at all, as of a HEAD, is none."""
        if self._zip is not None and self._began and not self._zip.eof:
            raise EgressFailed("encoding", "The answer is damaged: it ends too early.")


class BoundedStream(httpx.AsyncByteStream):
    """At most `most` bytes until `ends` (the loop's clock). `was_cut` says that there was more and `cut` allowed to leave it."""

    def __init__(self, raw: Raw, unpacker: Unpacker, *, most: int, ends: float, cut: bool) -> None:
        self._raw = raw
        self._unpacker = unpacker
        self._most, self._ends, self._cut = most, ends, cut
        self.was_cut = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for data in self._timed():
            for piece in self._unpacker.pieces(data):
                seen += len(piece)
                if seen > self._most:
                    yield self._rest(piece, seen - self._most)
                    return
                yield piece
        self._unpacker.finish()

    async def _timed(self) -> AsyncIterator[bytes]:
        arriving = aiter(self._raw)
        while True:
            try:
                async with asyncio.timeout_at(self._ends):
                    data = await anext(arriving)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise EgressTimeout("timeout", "The answer took too long to arrive.") from None
            except KNOWN as error:
                raise as_egress(error) from error
            yield data

    def _rest(self, piece: bytes, beyond: int) -> bytes:
        if not self._cut:
            raise EgressFailed("too_large", f"The answer is larger than {self._most:,} bytes.")
        self.was_cut = True
        return piece[:-beyond]

    async def aclose(self) -> None:
        await self._raw.aclose()
