"""Server-sent events arrive while the run goes on, from a real server."""

from __future__ import annotations

import http.client
import json
import threading
from urllib.parse import urlsplit

from tests.projects.test_live import STAGE, TELL
from tests.servers.live import LiveStack
from tests.servers.telling import told


def test_events_arrive_before_the_run_has_ended(live_stack: LiveStack) -> None:
    there = json.loads(told(live_stack, STAGE))["acme"]
    line = http.client.HTTPConnection(urlsplit(live_stack.url).netloc, timeout=120)
    headers = {"Authorization": f"Bearer {there['token']}", "Accept": "text/event-stream"}
    line.request("GET", f"/w/acme/api/v1/runs/{there['run']}/events/", headers=headers)
    answer = line.getresponse()
    assert (answer.status, answer.getheader("Content-Type")) == (200, "text/event-stream")
    assert answer.readline() == b"id: 1\n"
    threading.Thread(target=told, args=(live_stack, TELL, there["schema"], there["run"], "2")).start()
    heard = [answer.readline() for _ in range(11)]
    assert [text for text in heard if text.startswith(b"id:")] == [b"id: 2\n", b"id: 3\n"]
    line.close()
