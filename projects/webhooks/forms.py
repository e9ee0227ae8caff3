"""What admins fill in about webhooks."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from projects.webhooks.models import EVENTS

SAID = {
    "run.started": "A run began",
    "run.waiting": "A run waits for a person",
    "run.succeeded": "A run succeeded",
    "run.failed": "A run failed",
    "run.cancelled": "A run was cancelled",
    "run.timed_out": "A run took too long",
    "run.over_budget": "A run reached its budget",
}


def told_of(events: Iterable[str]) -> str:
    """The events of a webhook as one sentence, in the words of the form."""
    return ", ".join(SAID[event] for event in EVENTS if event in events).capitalize()


class WebhookForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80, help_text="What listens there, as in “ticket system”.")
    url = forms.CharField(
        label="Address",
        max_length=2000,
        help_text="A public https address that takes POST and answers within 15 seconds.",
    )
    events = forms.MultipleChoiceField(
        label="Tell it when",
        choices=[(event, SAID[event]) for event in EVENTS],
        initial=["run.succeeded", "run.failed"],
        widget=forms.CheckboxSelectMultiple,
    )
