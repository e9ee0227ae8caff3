"""What is counted about messages, for the operator."""

from __future__ import annotations

from prometheus_client import Counter

from agents.protocol.messages import KINDS

_MESSAGES = Counter("messages_total", "Messages between agents.", ["kind"])
DEAD = Counter("dead_messages_total", "Messages that reached nobody, or nobody who could use them.", ["reason"])
SENT = {kind: _MESSAGES.labels(kind) for kind in KINDS}
"""One counter per kind, looked up once: this is on the path of every message."""
