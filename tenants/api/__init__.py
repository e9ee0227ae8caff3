"""What every API door shares: who asks, one form of answers, errors, pages, limits and repeats."""

from tenants.api.views import PublicView, WorkspaceView

__all__ = ["PublicView", "WorkspaceView"]
