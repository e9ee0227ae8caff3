"""Questions to tables and JSON, answered in a process of their own that has no secrets, little memory and little time."""

from agents.tools.querying.sandbox import QueryFailed, ask

__all__ = ["QueryFailed", "ask"]
