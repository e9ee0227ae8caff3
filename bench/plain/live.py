"""The baseline of live messages: a stock Channels consumer on the stock pub/sub layer, nothing stored, no sign-in."""

from __future__ import annotations

import os
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.plain.settings"

import django

django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402  (Django must be set up first)

GROUP = "bench"


class Watch(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        await self.send("subscribed")

    async def bench_event(self, message: dict[str, Any]) -> None:
        await self.send(message["text"])


application = Watch.as_asgi()
