"""Live status: publish here, watch over the WebSocket."""

from projects.realtime.publishing import group_name, publish, publish_all

__all__ = ["group_name", "publish", "publish_all"]
