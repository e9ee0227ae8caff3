"""HTTP by Django on a pool of threads, WebSockets by Channels."""

from __future__ import annotations

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter

from config.access_log import AccessLog, keep_queries_out
from config.answering import ThreadedHandler
from config.bodies import LimitedBodies
from projects.routing import websocket

SELDOM = 20_000, 20, 50  # by Python's own (700, 10, 10) a seventh of a request's time went into looking for garbage

keep_queries_out()
application = ProtocolTypeRouter({"http": AccessLog(LimitedBodies(ThreadedHandler())), "websocket": websocket})
gc.freeze()  # the program itself is no garbage
gc.set_threshold(*SELDOM)
