"""What people fill in to bound their spending."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from projects.budgets.models import WARN_AT, AtLimit, Budget

WORKSPACE = "workspace"


class BudgetForm(forms.Form):
    """`places` are what may be bounded besides the workspace, as `project:<id>` or `crew:<id>` with a name."""

    place = forms.ChoiceField(label="For")
    period = forms.ChoiceField(label="Counted", choices=[("month", "Each calendar month (UTC)"), ("total", "In total")])
    usd = forms.DecimalField(
        label="US dollars", min_value=0, max_value=Budget.MOST_USD, decimal_places=6, required=False
    )
    tokens = forms.IntegerField(label="Tokens", min_value=0, max_value=Budget.MOST_TOKENS, required=False)
    model_calls = forms.IntegerField(label="Model calls", min_value=0, max_value=Budget.MOST_CALLS, required=False)
    at_limit = forms.ChoiceField(
        label="When it is used up",
        choices=AtLimit.choices,
        help_text="A run that asks waits until an admin allows more once, or refuses.",
    )
    warn_at = forms.IntegerField(label="Warn at percent", min_value=1, max_value=100, initial=WARN_AT)

    def __init__(self, places: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["place"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - for the type checker
        choice.choices = [(WORKSPACE, "The whole workspace"), *places]

    def wanted(self) -> dict[str, Any]:
        """As `create_budget` takes it."""
        given = dict(self.cleaned_data)
        scope, _, identifier = given.pop("place").partition(":")
        return {"scope": Budget.Scope(scope), "scope_id": UUID(identifier) if identifier else None, **given}


class BoundsForm(forms.Form):
    """New bounds of a budget that exists."""

    usd = BudgetForm.base_fields["usd"]
    tokens = BudgetForm.base_fields["tokens"]
    model_calls = BudgetForm.base_fields["model_calls"]
    at_limit = BudgetForm.base_fields["at_limit"]
    warn_at = BudgetForm.base_fields["warn_at"]
