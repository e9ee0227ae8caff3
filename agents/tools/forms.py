"""What an admin fills in about hosts and MCP servers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from agents.tools.services import LONGEST_SECRET
from agents.tools.web import METHODS

KEPT_HELP = "It is kept sealed, goes into that header and is never shown again."


def _header() -> forms.CharField:
    return forms.CharField(
        label="Header of its secret", max_length=100, required=False, help_text="As in Authorization."
    )


def _secret() -> forms.CharField:
    hidden = forms.PasswordInput(attrs={"autocomplete": "off"})
    return forms.CharField(
        label="Secret", max_length=LONGEST_SECRET, required=False, help_text=KEPT_HELP, widget=hidden
    )


class HostForm(forms.Form):
    host = forms.CharField(
        label="Host", max_length=253, help_text="As in api.example.org, or *.example.org for its subdomains."
    )
    methods = forms.MultipleChoiceField(
        label="Methods",
        choices=[(method, method) for method in METHODS],
        initial=["GET", "HEAD"],
        widget=forms.CheckboxSelectMultiple,
        help_text="POST, PUT, PATCH and DELETE change things there.",
    )
    header = _header()
    secret = _secret()


class ServerForm(forms.Form):
    """The field for a command is there where the operator offers commands."""

    name = forms.CharField(
        label="Name",
        max_length=30,
        help_text="Small letters, digits and hyphens; agents see it in the names of its tools.",
    )
    url = forms.CharField(
        label="Address", max_length=500, required=False, help_text="As in https://mcp.example.org/mcp."
    )
    command = forms.ChoiceField(label="Or a command of the operator", required=False)
    header = _header()
    secret = _secret()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.MCP_STDIO:
            field = self.fields["command"]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = [("", "none"), *((name, name) for name in sorted(settings.MCP_STDIO))]
        else:
            del self.fields["command"]
