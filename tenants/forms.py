"""What people fill in about workspaces, members and keys."""

from __future__ import annotations

from django import forms

from tenants.access import Role
from tenants.errors import DomainError

SLUG_HELP = (
    "Small letters, digits and single hyphens, 3 to 40 of them. It becomes the address /w/…/ and stays as it is."
)
ROLE_HELP = "Viewers read. Operators build and run. Admins also manage members and keys. Owners also name owners."


class WorkspaceForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80, help_text="What your team calls itself, as in Acme Research.")
    slug = forms.CharField(label="Address", max_length=40, help_text=SLUG_HELP)

    def clean_slug(self) -> str:
        return str(self.cleaned_data["slug"]).strip().lower()


class MemberForm(forms.Form):
    email = forms.EmailField(label="Email address", help_text="Of somebody who has signed up here.")
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.OPERATOR, help_text=ROLE_HELP)


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


def show_refusal(form: forms.Form, refusal: DomainError) -> None:
    """Put what a service said at the fields that it is about."""
    placed = False
    for error in refusal.errors:
        if error.field in form.fields:
            form.add_error(error.field, error.detail)
            placed = True
    if not placed:
        form.add_error(None, refusal.detail)
