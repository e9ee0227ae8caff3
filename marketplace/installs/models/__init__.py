"""What a workspace took from the marketplace, what it was pinned to, and what it lets in."""

from marketplace.installs.models.approval import Approval
from marketplace.installs.models.installation import Grant, Installation, UpdatePolicy
from marketplace.installs.models.pin import Pin
from marketplace.installs.models.policy import InstallPolicy

__all__ = ["Approval", "Grant", "InstallPolicy", "Installation", "Pin", "UpdatePolicy"]
