"""The one socket of a page: subscribe to topics, catch up, then live."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from projects import metrics
from projects.realtime import group_name, topics
from projects.realtime.hub import Hub, Outbox
from tenants.access import Member, get_member
from tenants.context import in_tenant
from tenants.errors import DomainError, NotFound
from tenants.models import Tenant, User

NOT_SIGNED_IN, NO_WORKSPACE, TOO_FAST, TRY_AGAIN = 4401, 4404, 4429, 1013
MOST_FRAME = 64 * 1024
MOST_ANSWER = 1024 * 1024
MESSAGES_PER_SECOND = 20
MOST_TOPICS = 50
CATCH_UP_PAGE = 500


class LiveConsumer(AsyncWebsocketConsumer):
    """Speaks the WebSocket contract of docs/api.md for one signed-in member of one workspace."""

    channel_layer_alias = (
        "none"  # the hub listens for all sockets of the process; the stock layer would listen per socket
    )
    member: Member

    async def connect(self) -> None:
        self.seen: dict[str, int] = {}  # topic -> last seq sent
        self.names: dict[str, str] = {}  # group -> topic
        self.outbox = Outbox()
        self.recent: deque[float] = deque(maxlen=MESSAGES_PER_SECOND)
        self.jobs: list[asyncio.Task[None]] = []
        self.catching_up = asyncio.Lock()
        self.refused = False
        user, tenant = self.scope["user"], self.scope["tenant"]
        await self.accept(self.scope.get("accepted_protocol"))
        if not user or not user.is_authenticated:
            await self._refuse(NOT_SIGNED_IN)
            return
        try:
            self.member = await self._membership(user, tenant)
        except DomainError:
            await self._refuse(NO_WORKSPACE)
            return
        metrics.SOCKETS.inc()
        work = self._send_forever(), self._check_forever(tenant)
        self.jobs = [asyncio.create_task(self._or_close(job)) for job in work]

    async def _membership(self, user: User, tenant: Tenant | None) -> Member:
        if tenant is None:
            raise NotFound("There is no such workspace.")
        return await in_tenant(tenant.schema_name, get_member, user, tenant)

    async def disconnect(self, code: int) -> None:
        if self.jobs:
            metrics.SOCKETS.dec()
        for job in self.jobs:
            job.cancel()
        for group in list(self.names):
            await Hub.here().leave(group, self.outbox)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.refused:
            return
        now = time.monotonic()
        if len(self.recent) == MESSAGES_PER_SECOND and now - self.recent[0] < 1:
            await self._refuse(TOO_FAST)
            return
        self.recent.append(now)
        topic = None
        try:
            message = _read(text_data)
            topic = message.get("topic")
            await self._act(message)
        except DomainError as refusal:
            await self._say({"type": "error", "code": refusal.code, "detail": refusal.detail, "topic": topic})

    async def _act(self, message: dict[str, Any]) -> None:
        action = message.get("action")
        if action == "subscribe":
            await self._subscribe(message.get("topic"), _after(message))
        elif action == "unsubscribe":
            await self._unsubscribe(message.get("topic"))
        elif action == "ping":
            await self._say({"type": "pong"})
        else:
            raise DomainError("Known actions: subscribe, unsubscribe, ping.", code="unknown_action")

    async def _subscribe(self, name: object, after: int) -> None:
        """Join first, then catch up: a message may come twice, never not at all; its seq decides."""
        topics.find(name)
        topic = str(name)
        if topic not in self.seen and len(self.seen) >= MOST_TOPICS:
            raise DomainError(f"At most {MOST_TOPICS} topics on one socket.", code="too_many_topics")
        await in_tenant(self.member.schema, topics.catch_up, topic, self.member, 0, 0)
        group = group_name(topic, self.member.schema)
        self.seen[topic] = after
        self.names[group] = topic
        await Hub.here().join(group, self.outbox)
        await self._say({"type": "subscribed", "topic": topic})
        await self._catch_up(topic)

    async def _unsubscribe(self, name: object) -> None:
        topics.find(name)
        group = group_name(str(name), self.member.schema)
        self.seen.pop(str(name), None)
        if self.names.pop(group, None):
            await Hub.here().leave(group, self.outbox)

    async def _catch_up(self, topic: str) -> None:
        async with self.catching_up:
            while topic in self.seen:
                missed = await in_tenant(
                    self.member.schema, topics.catch_up, topic, self.member, self.seen[topic], CATCH_UP_PAGE
                )
                for message in missed:
                    await self._send_numbered(topic, message["seq"], json.dumps(message, default=str))
                if len(missed) < CATCH_UP_PAGE:
                    return

    async def _send_numbered(self, topic: str, seq: int, text: str) -> None:
        if seq > self.seen.get(topic, seq):
            self.seen[topic] = seq
            await self._send_text(text)

    async def _send_forever(self) -> None:
        """Empty the outbox; a gap in the numbers, or a hint that something was missed, means: read PostgreSQL."""
        while True:
            await self.outbox.ready.wait()
            self.outbox.ready.clear()
            if self.outbox.missed:
                self.outbox.missed = False
                for topic in list(self.seen):
                    await self._catch_up(topic)
            await self._empty_outbox()

    async def _empty_outbox(self) -> None:
        """Messages first; between two pictures whatever message came meanwhile."""
        while self.outbox.waiting or self.outbox.pictures:
            if self.outbox.waiting:
                await self._forward(*self.outbox.waiting.popleft())
            else:
                await self._show(*self.outbox.pictures.popleft())

    async def _show(self, group: str, picture: bytes) -> None:
        if group in self.names and len(picture) <= MOST_ANSWER:
            with suppress(RuntimeError):  # the socket closed meanwhile
                await self.send(bytes_data=picture)

    async def _forward(self, group: str, seq: int | None, text: str) -> None:
        topic = self.names.get(group)
        if topic is None:
            return
        if seq is None:
            await self._send_text(text)
        elif seq == self.seen[topic] + 1:
            await self._send_numbered(topic, seq, text)
        elif seq > self.seen[topic]:
            await self._catch_up(topic)

    async def _or_close(self, job: Coroutine[Any, Any, None]) -> None:
        """A socket whose work the database stopped must not stay open and silent: who watches connects again."""
        try:
            await job
        except (DatabaseError, InterfaceError):
            await self._refuse(TRY_AGAIN)

    async def _check_forever(self, tenant: Tenant) -> None:
        """A proof that ended, a removed member, a suspended workspace and a disabled account lose the socket in time."""
        while True:
            await asyncio.sleep(settings.SOCKET_CHECK_SECONDS)
            user = await self.scope["prove_again"]()
            if user is None:
                await self._refuse(NOT_SIGNED_IN)
                return
            try:
                fresh = await in_tenant(tenant.schema_name, Tenant.objects.get, pk=tenant.pk)
                self.member = await self._membership(user, fresh)
            except (DomainError, Tenant.DoesNotExist):
                await self._refuse(NO_WORKSPACE)
                return

    async def _refuse(self, code: int) -> None:
        self.refused = True
        await self.close(code)

    async def _say(self, message: dict[str, Any]) -> None:
        await self._send_text(json.dumps(message))

    async def _send_text(self, text: str) -> None:
        if len(text) <= MOST_ANSWER:
            with suppress(RuntimeError):  # the socket closed meanwhile
                await self.send(text_data=text)


def _read(text: str | None) -> dict[str, Any]:
    if text is None or len(text) > MOST_FRAME:
        raise DomainError(f"Send text frames of at most {MOST_FRAME // 1024} kB.", code="bad_frame")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise DomainError("This is not JSON.", code="bad_frame") from None
    if not isinstance(message, dict):
        raise DomainError("Send a JSON object with an action.", code="bad_frame")
    return message


def _after(message: dict[str, Any]) -> int:
    after = message.get("after", 0)
    if not isinstance(after, int) or isinstance(after, bool) or not 0 <= after < 2**31:
        raise DomainError("after is the last seq you have: a whole number from 0.", code="bad_after")
    return after
