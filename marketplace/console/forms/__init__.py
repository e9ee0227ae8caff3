"""What moderators send."""

from marketplace.console.forms.verdict import AppealForm, VerdictForm
from marketplace.console.forms.view import CHOICES, view_of

__all__ = ["CHOICES", "AppealForm", "VerdictForm", "view_of"]
