"""What may be asked of the search, checked in one place for the pages and the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from marketplace.browsing.counting import LABELS
from marketplace.browsing.wishes import Ordering, Wish
from tenants.errors import FieldError, Invalid

ORDERINGS = {
    Ordering.RELEVANCE: "Best match",
    Ordering.NEWEST: "Newest",
    Ordering.RATING: "Best reviewed",
    Ordering.INSTALLS: "Used by most workspaces",
    Ordering.COST: "Least cost per run",
    Ordering.TITLE: "Title",
}


def _choice(name: str) -> forms.ChoiceField:
    return forms.ChoiceField(choices=list(LABELS[name].items()), required=False)


class WishForm(forms.Form):
    q = forms.CharField(max_length=200, required=False, strip=True)
    kind = _choice("kind")
    category = _choice("category")
    risk = _choice("risk")
    needs = _choice("needs")
    offline = _choice("offline")
    licence = _choice("licence")
    cost = _choice("cost")
    language = forms.SlugField(max_length=20, required=False)
    tag = forms.CharField(max_length=50, required=False)
    all = forms.ChoiceField(choices=[("yes", "Also what is failing or deprecated")], required=False)
    ordering = forms.ChoiceField(choices=[(key.value, label) for key, label in ORDERINGS.items()], required=False)

    def wish(self) -> Wish:
        """What is asked for, as far as it is valid: a page drops a broken filter, the API refuses it first."""
        valid: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value}
        return Wish(**valid | {"ordering": Ordering(valid.get("ordering", Ordering.RELEVANCE))})


FILTERS = frozenset(WishForm.base_fields)


def wish_of_page(params: Mapping[str, str]) -> Wish:
    form = WishForm(params)
    form.is_valid()
    return form.wish()


def wish_of_api(params: Mapping[str, str]) -> Wish:
    """Raises Invalid that names each wrong parameter."""
    form = WishForm(params)
    if not form.is_valid():
        faults = [
            FieldError(name, error.code or "invalid", error.messages[0])
            for name, found in form.errors.as_data().items()
            for error in found
        ]
        raise Invalid("A filter has a value that is not known; see errors.", errors=faults)
    return form.wish()
