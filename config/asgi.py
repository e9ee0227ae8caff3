"""HTTP by Django on a pool of threads, WebSockets by Channels."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter

from config.access_log import keep_queries_out
from config.answering import ThreadedHandler
from config.bodies import LimitedBodies
from projects.routing import websocket

keep_queries_out()
application = ProtocolTypeRouter({"http": LimitedBodies(ThreadedHandler()), "websocket": websocket})
