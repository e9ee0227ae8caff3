"""What may be asked of the search, checked in one place for the pages and the API."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms

from marketplace.browsing.queries import Ordering, Wish, category_label
from marketplace.manifest.envelope import CATEGORIES
from marketplace.models import Listing
from tenants.errors import FieldError, Invalid

ORDERINGS = {
    Ordering.RELEVANCE: "Best match",
    Ordering.NEWEST: "Newest",
    Ordering.INSTALLS: "Most installed",
    Ordering.TITLE: "Title",
}


class WishForm(forms.Form):
    q = forms.CharField(max_length=200, required=False, strip=True)
    kind = forms.ChoiceField(choices=Listing.Kind.choices, required=False)
    category = forms.ChoiceField(choices=[(name, category_label(name)) for name in CATEGORIES], required=False)
    tag = forms.CharField(max_length=50, required=False)
    ordering = forms.ChoiceField(choices=[(key.value, label) for key, label in ORDERINGS.items()], required=False)

    def wish(self) -> Wish:
        """What is asked for, as far as it is valid: a page drops a broken filter, the API refuses it first."""
        valid = self.cleaned_data
        names = ("q", "kind", "category", "tag")
        return Wish(
            **{name: valid.get(name, "") for name in names},
            ordering=Ordering(valid.get("ordering") or Ordering.RELEVANCE),
        )


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
