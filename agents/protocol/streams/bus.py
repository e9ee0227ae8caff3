"""The bus over Redis Streams: inboxes of any number of processes, each message once in the stream of each inbox that wants it.

A message is with Redis when `send` returns. It leaves the stream when it was acknowledged; a worker that dies keeps its messages for
`claim_seconds`, then another reader of the same inbox gets them. So a message may come twice, never not at all, while Redis keeps its data:
`message.id` tells. Among what waits, urgent goes before normal before later; what one process has fetched already is in exact order.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from agents.protocol.bus import Bus
from agents.protocol.errors import BusClosed, BusUnavailable, NameTaken, NotAllowed
from agents.protocol.history import History
from agents.protocol.messages import Message, check_name, packed, unpacked
from agents.protocol.receipts import DeadLetter, Receipt, letter
from agents.protocol.streams import scripts
from agents.protocol.streams.inbox import StreamInbox
from agents.protocol.streams.reader import Reader
from agents.protocol.streams.wire import Keys, band_of, terms_from_json, terms_to_json
from agents.protocol.terms import Terms
from agents.protocol.topics import HOST
from tenants.ids import uuid7

MOST_DEAD_LETTERS = 1_000
LIFETIME = 7 * 24 * 3_600 * 1_000
"""Milliseconds after which Redis forgets a scope that nobody used."""
REFRESHES = 5


class StreamsBus(Bus):
    """One process's end of the bus of one scope. `redis` comes from `connect`, is shared and stays open; one of its connections is kept for reading."""

    def __init__(
        self, redis: Redis, scope: str, history: History | None = None, *, claim_seconds: float = 30.0
    ) -> None:
        super().__init__(history)
        self.redis, self.keys = redis, Keys(scope)
        self.instance = uuid7().hex
        self.inboxes: dict[str, StreamInbox] = {}
        self._send_script = redis.register_script(scripts.SEND)
        self._again_script = redis.register_script(scripts.AGAIN)
        self._names_script = redis.register_script(scripts.NAMES)
        self._open_script = redis.register_script(scripts.OPEN)
        self._close_script = redis.register_script(scripts.CLOSE)
        self._version, self._terms = "unknown", dict[str, Terms]()
        self._reader = Reader(self, claim_seconds)
        self._closed = False

    async def listen_for_answers(self) -> str:
        await self._asked(self._reader.start)
        return self.instance

    async def open(self, name: str, terms: Terms | None = None) -> StreamInbox:
        """Another process may have an inbox of the same name: then both share its messages."""
        if check_name(name) == HOST:
            raise NotAllowed(f"“{HOST}” is the host's own name.")
        if name in self.inboxes:
            raise NameTaken(f"There is an inbox called {name} in this process already.")
        self._raise_if_closed()
        inbox = self.inboxes[name] = StreamInbox(self, name, terms or Terms())
        try:
            await self.register(inbox)
        except BusUnavailable:
            del self.inboxes[name]
            raise
        await self._reader.look_again()
        return inbox

    async def dead_letters(self, most: int = 100) -> list[DeadLetter]:
        entries = await self._asked(lambda: self.redis.xrevrange(self.keys.dead, count=most))
        return [_letter_of(fields) for _, fields in entries]

    async def aclose(self) -> None:
        """What this process has fetched and not settled goes back at once; its inboxes stay, for others."""
        if self._closed:
            return
        self._closed = True
        await self._reader.stop()
        with suppress(BusUnavailable):
            for inbox in self.inboxes.values():
                await inbox.give_back()
        for waiting in self._asking.values():
            if not waiting.done():
                waiting.set_exception(BusClosed("The bus was closed before the answer came."))
        with suppress(RedisError):
            await self.redis.delete(self.keys.instance(self.instance))

    async def deliver(self, messages: Sequence[Message]) -> list[Receipt]:
        self._raise_if_closed()
        replies = [message for message in messages if message.kind == "reply"]
        others = [message for message in messages if message.kind != "reply"]
        done = {receipt.message.id: receipt for receipt in await self._deliver(others)}
        for message in replies:
            done[message.id] = await self._answer(message)
        return [done[message.id] for message in messages]

    async def keep_dead(self, letters: Sequence[DeadLetter]) -> None:
        async def keep() -> None:
            async with self.redis.pipeline(transaction=False) as pipe:
                for one in letters:
                    pipe.xadd(self.keys.dead, _fields_of(one), maxlen=MOST_DEAD_LETTERS, approximate=True)  # type: ignore[arg-type]
                pipe.pexpire(self.keys.dead, LIFETIME)
                await pipe.execute()

        await self._asked(keep)

    # What inboxes and the reader need

    async def register(self, inbox: StreamInbox) -> None:
        """Make the inbox known; again after Redis has lost it."""
        keys = [self.keys.version, self.keys.names, *inbox.streams]
        await self._asked(lambda: self._open_script(keys=keys, args=[inbox.name, terms_to_json(inbox.terms), LIFETIME]))

    async def withdraw(self, inbox: StreamInbox) -> list[Message]:
        """Forget an inbox everywhere; what was in it comes back."""
        self.inboxes.pop(inbox.name, None)
        keys = [self.keys.version, self.keys.names, *inbox.streams]
        left = await self._asked(lambda: self._close_script(keys=keys, args=[inbox.name]))
        await self._reader.look_again()
        return [unpacked(body) for body in left]

    async def settle(self, stream: str, entries: Sequence[bytes]) -> None:
        async def settle() -> None:
            async with self.redis.pipeline(transaction=False) as pipe:
                pipe.xack(stream, scripts.GROUP, *entries)
                pipe.xdel(stream, *entries)
                await pipe.execute()

        await self._asked(settle)

    async def send_again(self, stream: str, entry: bytes, message: Message, attempt: int) -> None:
        await self._asked(lambda: self._again_script(keys=[stream], args=[entry, packed(message), attempt]))

    def drained(self) -> None:
        """An inbox has room for more."""
        self._reader.has_room()

    # Sending

    async def _deliver(self, messages: Sequence[Message]) -> list[Receipt]:
        for _ in range(REFRESHES if messages else 0):
            routes = [(message, self._targets(message)) for message in messages]
            answers = await self._sent(routes)
            if answers is not None:
                return await self._receipts(routes, answers)
            await self._refresh()
        if messages:
            raise BusUnavailable("The inboxes change faster than a message can be addressed.")
        return []

    async def _sent(self, routes: Sequence[tuple[Message, list[str]]]) -> list[bytes] | None:
        names = list(dict.fromkeys(name for _, targets in routes for name in targets))
        place = {name: 2 + 3 * number for number, name in enumerate(names)}
        keys = [self.keys.version, *(key for name in names for key in self.keys.inbox(name))]
        args: list[Any] = [self._version, LIFETIME, len(routes), *(packed(message) for message, _ in routes)]
        for number, (message, targets) in enumerate(routes, start=1):
            for name in targets:
                terms = self._terms[name]
                args += [number, place[name], band_of(message.priority), terms.capacity, terms.overflow]
        answer: list[bytes] | None = await self._asked(lambda: self._send_script(keys=keys, args=args))
        return answer

    async def _receipts(self, routes: Sequence[tuple[Message, list[str]]], answers: Sequence[bytes]) -> list[Receipt]:
        told = iter(answers)
        return [await self._receipt(message, [(name, next(told)) for name in targets]) for message, targets in routes]

    async def _receipt(self, message: Message, told: Sequence[tuple[str, bytes]]) -> Receipt:
        if not told and not message.is_public:
            return Receipt(message, 0, (letter(message, message.recipient, "undeliverable", at=time.time()),))
        missed: list[DeadLetter] = []
        for name, answer in told:
            if answer == b"0":
                missed.append(letter(message, name, "full", at=time.time()))
            elif answer != b"1":
                dropped = unpacked(answer)
                if dropped.id == message.id:
                    missed.append(letter(message, name, "dropped", at=time.time()))
                else:
                    await self.bury(dropped, name, "dropped")
        return Receipt(message, len(told) - len(missed), tuple(missed))

    async def _answer(self, message: Message) -> Receipt:
        """A reply goes to the process that asked; it knows whether anybody still waits."""
        stream = self.keys.instance(message.reply_to)
        known = await self._asked(lambda: self.redis.xadd(stream, {"message": packed(message)}, nomkstream=True))
        if known is None:
            return Receipt(message, 0, (letter(message, message.recipient, "late", at=time.time()),))
        return Receipt(message, 1)

    def _targets(self, message: Message) -> list[str]:
        if message.recipient:
            return [message.recipient] if message.recipient in self._terms else []
        return [name for name, terms in self._terms.items() if name != message.sender and terms.wants(message)]

    async def _refresh(self) -> None:
        version, names = await self._asked(lambda: self._names_script(keys=[self.keys.version, self.keys.names]))
        pairs = zip(names[::2], names[1::2], strict=True)
        self._version, self._terms = version, {name.decode(): terms_from_json(terms) for name, terms in pairs}

    async def _asked(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        try:
            return await ask()
        except (RedisError, OSError) as error:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise asyncio.CancelledError from error
            raise BusUnavailable("The bus is away; try again in some seconds.") from error

    def _raise_if_closed(self) -> None:
        if self._closed:
            raise BusClosed("This bus is closed.")


def _fields_of(dead: DeadLetter) -> dict[str, bytes | str]:
    told = orjson.dumps([dead.recipient, dead.reason, dead.detail, dead.at])
    return {"message": packed(dead.message), "told": told}


def _letter_of(fields: dict[bytes, bytes]) -> DeadLetter:
    return DeadLetter(unpacked(fields[b"message"]), *orjson.loads(fields[b"told"]))
