"""What a publisher may do on the market."""

from marketplace.publishing.services.builtin import publish_builtin, publish_catalogue
from marketplace.publishing.services.offering import deprecate, retire, set_visibility, share, unshare, unyank, yank
from marketplace.publishing.services.submitting import answer, submit, withdraw

__all__ = [
    "answer",
    "deprecate",
    "publish_builtin",
    "publish_catalogue",
    "retire",
    "set_visibility",
    "share",
    "submit",
    "unshare",
    "unyank",
    "withdraw",
    "yank",
]
