"""The gateway of the current workspace, for callers that have not moved to `agents.connections.gateways` yet."""

from __future__ import annotations

from agents.connections.gateways import gateway_of_sync
from agents.llm.gateway import Gateway
from tenants.context import current_schema


def gateway() -> Gateway:
    """Asked for once per run, so that one run has one kind of answers."""
    return gateway_of_sync(current_schema())
