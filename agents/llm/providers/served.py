"""What all providers behind an address have in common."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import httpx
import pydantic

from agents.llm import wire
from agents.llm.failures import place
from agents.llm.reading import Draft, Piece, well_formed
from agents.llm.tokens import count_request
from agents.llm.types import BadReply, Health, LLMError, OnText, ProviderUnreachable, Reply, Request

T = TypeVar("T")

# Clients look into whatever JSON an answer holds before they know what it is, and so do we.
NOT_AN_ANSWER = (LookupError, ValueError, AttributeError, TypeError, RecursionError, pydantic.ValidationError)
NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL, ConnectionError)


class Served(ABC):
    """A provider at `base_url`. `model` is used where a request names none; the client comes from a pool of the running loop.

    A subclass says how its vendor asks and answers; limits, deadlines and the translation of errors are here.
    """

    errors: ClassVar[tuple[type[Exception], ...]]
    not_ours: ClassVar[str]

    def __init__(
        self, *, name: str, base_url: str, model: str, api_key: str, limits: wire.Limits | None, way: wire.Way
    ) -> None:
        self.name = name
        self.base_url = base_url
        self.model = model
        self._key = api_key
        self._limits = limits or wire.Limits()
        self._way = way

    async def complete(self, request: Request, *, deadline: float, on_text: OnText | None = None) -> Reply:
        model = request.model or self.model
        draft = Draft(request, self.name, model, on_text)
        try:
            async with (
                wire.watching(self._limits, deadline=deadline, provider=self.name) as watch,
                aclosing(self._translated(request, model, watch)) as pieces,
            ):
                async for piece in pieces:
                    draft.add(piece)
                    if draft.goes_on_too_long():
                        draft.finish = "length"
                        break
            return draft.reply(first_byte_seconds=watch.first_byte_seconds)
        except LLMError as failure:
            draft.charge(failure)
            raise

    async def embed(self, texts: Sequence[str], *, model: str, deadline: float) -> list[list[float]]:
        async def ask() -> list[list[float]]:
            vectors = await self._embed(list(texts), model or self.model)
            if len(vectors) != len(texts):
                raise BadReply("There are not as many vectors as texts.", provider=self.name)
            return vectors

        return await self._once(ask, deadline)

    def count_tokens(self, request: Request) -> int:
        return count_request(replace(request, model=request.model or self.model), self.name)

    async def models(self, *, deadline: float) -> list[str]:
        return await self._once(self._models, deadline)

    async def health(self, *, deadline: float) -> Health:
        began = time.monotonic()
        try:
            served = await self.models(deadline=deadline)
        except LLMError as failure:
            return Health(ok=False, detail=failure.detail, seconds=time.monotonic() - began)
        detail = f"Serves {len(served)} model{'' if len(served) == 1 else 's'}."
        return Health(ok=True, detail=detail, seconds=time.monotonic() - began)

    @abstractmethod
    def _pieces(self, request: Request, model: str) -> AsyncGenerator[Piece]:
        """The answer as it comes in. May raise `errors`."""

    @abstractmethod
    async def _models(self) -> list[str]: ...

    @abstractmethod
    async def _embed(self, texts: list[str], model: str) -> list[list[float]]: ...

    @abstractmethod
    def _failure(self, error: Exception, watch: wire.Watch) -> LLMError | None:
        """What an error of the vendor's client means, None where that is a matter of the connection or of form."""

    async def _translated(self, request: Request, model: str, watch: wire.Watch) -> AsyncGenerator[Piece]:
        failure: LLMError
        try:
            async with aclosing(self._pieces(request, model)) as pieces:
                async for piece in pieces:
                    yield well_formed(piece)
        except self.errors as error:
            failure = self._meaning(error, watch)
        else:
            return
        raise failure

    async def _once(self, ask: Callable[[], Awaitable[T]], deadline: float) -> T:
        failure: LLMError
        async with wire.watching(self._limits, deadline=deadline, provider=self.name) as watch:
            try:
                return await ask()
            except self.errors as error:
                failure = self._meaning(error, watch)
        raise failure

    def _meaning(self, error: Exception, watch: wire.Watch) -> LLMError:
        """What went wrong, in our words. Raised outside the handler, so that no vendor exception travels along."""
        if watch.tripped is not None:
            return watch.tripped
        if isinstance(error, LLMError):
            return error
        return self._failure(error, watch) or self._of_the_connection(error)

    def _of_the_connection(self, error: BaseException) -> LLMError:
        if isinstance(error, NO_CONNECTION):
            return ProviderUnreachable(f"No connection to {self.name} at {place(self.base_url)}.", provider=self.name)
        if isinstance(error, NOT_AN_ANSWER):
            return BadReply(f"The answer is not what {self.not_ours} sends.", provider=self.name)
        said = getattr(error, "detail", "")  # the door for addresses that people gave says why it did not open
        return ProviderUnreachable(said or f"The connection to {self.name} broke off.", provider=self.name)


def whole(content: bytes) -> dict[str, Any]:
    """The JSON object that a body is. Raises ValueError for anything else."""
    decoded = json.loads(content)
    if not isinstance(decoded, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a fault of the sender
    return decoded
