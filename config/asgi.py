"""HTTP by Django, WebSockets by Channels."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.routing import ProtocolTypeRouter

from config.access_log import keep_queries_out
from config.bodies import LimitedBodies
from projects.routing import websocket

keep_queries_out()
application = ProtocolTypeRouter({"http": LimitedBodies(http), "websocket": websocket})
