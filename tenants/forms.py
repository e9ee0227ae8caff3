"""What people fill in about workspaces, members and keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from tenants.access import Role
from tenants.errors import DomainError
from tenants.models import Invitation
from tenants.queries import Wanted

SLUG_HELP = (
    "Small letters, digits and single hyphens, 3 to 40 of them. It becomes the address /w/…/ and stays as it is."
)
ROLE_HELP = "Viewers read. Operators build and run. Admins also manage members and keys. Owners also name owners."

PLATFORM = "platform"
ACTION = re.compile(r"[a-z_]{1,40}(\.[a-z_]{1,40})?\Z")
NOUNS = {"key": "API key", "mcp_server": "MCP server", "host": "Allowed host"}
"""How the log's nouns are said where that is not the word itself."""


class WorkspaceForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80, help_text="What your team calls itself, as in Acme Research.")
    slug = forms.CharField(label="Address", max_length=40, help_text=SLUG_HELP)

    def clean_slug(self) -> str:
        return str(self.cleaned_data["slug"]).strip().lower()


class MemberForm(forms.Form):
    email = forms.EmailField(label="Email address", help_text="Of somebody who has signed up here.")
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.OPERATOR, help_text=ROLE_HELP)


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        required=False,
        help_text="They need no account yet. Leave it empty to get a link that you hand over yourself.",
    )
    role = forms.ChoiceField(
        label="Role", choices=Role.choices, initial=Role.OPERATOR, help_text="A link makes operators and viewers only."
    )
    days = forms.TypedChoiceField(
        label="Good for", choices=[(1, "a day"), (7, "7 days"), (14, "14 days"), (30, "30 days")], initial=7, coerce=int
    )
    seats = forms.IntegerField(
        label="Seats",
        min_value=1,
        max_value=Invitation.MOST_SEATS,
        initial=1,
        help_text="How many people may use a link. An address is one.",
    )

    def wanted(self) -> dict[str, Any]:
        return {**self.cleaned_data, "role": Role(self.cleaned_data["role"])}


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="Role", choices=Role.choices)


class KeyForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80, help_text="Where you will use it, as in “nightly report”.")
    role = forms.ChoiceField(
        label="May do",
        choices=[
            (Role.VIEWER, "Read only"),
            (Role.OPERATOR, "Build and run"),
            (Role.ADMIN, "Also manage members and keys"),
        ],
        initial=Role.OPERATOR,
        help_text="Never more than you may yourself.",
    )
    days = forms.TypedChoiceField(
        label="Works for",
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year")],
        initial=90,
        coerce=int,
    )


class LogForm(forms.Form):
    """What to show of the audit log. `people` are the names by their ids, `kinds` the first words of actions."""

    by = forms.ChoiceField(label="Who", required=False)
    action = forms.ChoiceField(label="What", required=False)

    def __init__(self, data: QueryDict, *, people: Mapping[str, str], kinds: Iterable[str]) -> None:
        super().__init__(data)
        choices = {kind: deed_said(kind) for kind in kinds}
        asked = data.get("action", "")
        if ACTION.match(asked):
            choices.setdefault(asked, deed_said(asked))
        self._choice("by").choices = [("", "Everybody"), (PLATFORM, "The platform by itself"), *people.items()]
        self._choice("action").choices = [("", "Everything"), *sorted(choices.items(), key=lambda each: each[1])]
        for name, label in (("from", "From"), ("to", "To")):
            self.fields[name] = forms.DateField(
                label=label, required=False, widget=forms.DateInput(attrs={"type": "date"})
            )

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(name)
        return field

    def wanted(self) -> Wanted:
        said = self.cleaned_data
        person = "" if said["by"] == PLATFORM else said["by"]
        return Wanted(
            action=said["action"],
            by=UUID(person) if person else None,
            own=said["by"] == PLATFORM,
            first=said["from"],
            last=said["to"],
        )


def deed_said(action: str) -> str:
    """An action of the log as people say it: `key.created` is “API key created”."""
    noun, _, deed = action.partition(".")
    return f"{NOUNS.get(noun, noun.replace('_', ' ').capitalize())} {deed.replace('_', ' ')}".strip()


def show_refusal(form: forms.Form, refusal: DomainError) -> None:
    """Put what a service said at the fields that it is about."""
    placed = False
    for error in refusal.errors:
        if error.field in form.fields:
            form.add_error(error.field, error.detail)
            placed = True
    if not placed:
        form.add_error(None, refusal.detail)
