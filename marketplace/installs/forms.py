"""The form of what may be installed."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from marketplace.installs.models import InstallPolicy, UpdatePolicy
from marketplace.models import Listing

NAMESPACE = re.compile(r"[a-z0-9](-?[a-z0-9]){0,49}")
MOST = 200


class PolicyForm(forms.Form):
    """Publishers are written as people write lists: by lines, commas or spaces."""

    publishers = forms.CharField(
        label="Only from these publishers",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Their names as in an address, such as guildhall. Empty: from all.",
    )
    kinds = forms.MultipleChoiceField(
        label="Only these kinds",
        choices=Listing.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all.",
    )
    highest_risk = forms.TypedChoiceField(
        label="Up to this risk",
        choices=InstallPolicy.Risk.choices,
        coerce=int,
        help_text="The highest risk among the permissions of a listing.",
    )
    needs_approval = forms.BooleanField(
        label="An admin has to say yes first",
        required=False,
        help_text="Operators ask, admins are told and decide. Admins install without asking.",
    )
    update_policy = forms.ChoiceField(
        label="Newer versions come",
        choices=UpdatePolicy.choices,
        help_text="For what is installed from now on. One that may do more never comes by itself.",
    )

    @classmethod
    def of(cls, policy: InstallPolicy) -> PolicyForm:
        return cls(
            initial={
                "publishers": "\n".join(policy.publishers),
                "kinds": policy.kinds,
                "highest_risk": policy.highest_risk,
                "needs_approval": policy.needs_approval,
                "update_policy": policy.update_policy,
            }
        )

    def clean_publishers(self) -> list[str]:
        names = self.cleaned_data["publishers"].replace(",", " ").split()
        wrong = next((name for name in names if not NAMESPACE.fullmatch(name)), None)
        if wrong is not None:
            raise forms.ValidationError(f"“{wrong[:60]}” is not the name of a publisher.")
        if len(names) > MOST:
            raise forms.ValidationError(f"At most {MOST} publishers.")
        return sorted(set(names))

    def clean_kinds(self) -> list[Any]:
        return list(self.cleaned_data["kinds"])
