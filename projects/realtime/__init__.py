"""Live status: publish here, watch over the WebSocket."""

from projects.realtime.publishing import Picture, group_name, publish, publish_all

__all__ = ["Picture", "group_name", "publish", "publish_all"]
