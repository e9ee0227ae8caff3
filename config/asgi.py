"""HTTP by Django, WebSockets by Channels."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.routing import ProtocolTypeRouter

from projects.routing import websocket

application = ProtocolTypeRouter({"http": http, "websocket": websocket})
