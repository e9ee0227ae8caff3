"""What people fill in to report a listing, and to appeal."""

from __future__ import annotations

from django import forms

from marketplace.moderation.models import ReasonCode
from marketplace.moderation.services import appealing, reporting

REPORTED = (
    ReasonCode.MALWARE, ReasonCode.INJECTION, ReasonCode.SECRET, ReasonCode.TENANT_DATA, ReasonCode.IMPERSONATION,
    ReasonCode.MISLEADING, ReasonCode.PERMISSIONS, ReasonCode.QUALITY, ReasonCode.LICENCE, ReasonCode.ILLEGAL, ReasonCode.SPAM,
    ReasonCode.OTHER,
)  # fmt: skip


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label="What is wrong?",
        choices=[("", "Choose what fits best"), *((code.value, code.label) for code in REPORTED)],
    )
    text = forms.CharField(
        label="In your words",
        max_length=reporting.LONGEST,
        widget=forms.Textarea,
        help_text="Where you saw it, and what happened. Only the platform’s moderators read this.",
    )


class AppealForm(forms.Form):
    text = forms.CharField(
        label="Why do you see it otherwise?",
        max_length=appealing.LONGEST,
        widget=forms.Textarea,
        help_text="Somebody who had no part in the decision reads this. You can appeal once.",
    )
