"""The gateway of the workspace that this thread works in; a run on the event loop asks `agents.connections.gateways` itself."""

from __future__ import annotations

from agents.connections.gateways import gateway_of_sync
from agents.llm.gateway import Gateway
from tenants.context import current_schema


def gateway() -> Gateway:
    """Asked for once per run, so that one run has one kind of answers."""
    return gateway_of_sync(current_schema())
