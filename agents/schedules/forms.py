"""When a crew shall run by itself, as people fill it in."""

from __future__ import annotations

from django import forms

from agents.schedules.models import Schedule


class TimesForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120, help_text="As in “Monday market brief”.")
    cron = forms.CharField(
        label="Times",
        max_length=100,
        help_text="Minute, hour, day of the month, month, day of the week: 30 7 * * 1-5 is half past seven from Monday to Friday. Or @daily, @weekly, @monthly.",
    )
    timezone = forms.CharField(label="Time zone", max_length=64, initial="UTC", help_text="As in Europe/Berlin.")
    overlap = forms.ChoiceField(
        label="If the run before is not done", choices=Schedule.Overlap.choices, initial=Schedule.Overlap.SKIP
    )
