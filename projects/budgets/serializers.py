"""What may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from projects.budgets import words
from projects.budgets.models import WARN_AT, Account, AtLimit, Budget
from projects.budgets.queries import Standing, accounts_of_run, standing_of
from projects.models import Run
from tenants.wire.showing import show_all


class MeasureOut(serializers.Serializer[Any]):
    used = serializers.FloatField()
    reserved = serializers.FloatField(help_text="Set aside for calls under way.")
    limit = serializers.FloatField()


class MeasuresOut(serializers.Serializer[Any]):
    """Only the measures that are bounded."""

    usd = MeasureOut(required=False)
    tokens = MeasureOut(required=False)
    model_calls = MeasureOut(required=False)


class RunBudgetIn(serializers.Serializer[Any]):
    """What one run may use; where it reaches a limit it stops, or asks an admin."""

    usd = serializers.FloatField(min_value=0, max_value=float(Budget.MOST_USD), required=False, allow_null=True)
    tokens = serializers.IntegerField(min_value=0, max_value=Budget.MOST_TOKENS, required=False, allow_null=True)
    model_calls = serializers.IntegerField(min_value=0, max_value=Budget.MOST_CALLS, required=False, allow_null=True)
    at_limit = serializers.ChoiceField(AtLimit.choices, required=False, default=AtLimit.STOP)


class BudgetChange(serializers.Serializer[Any]):
    """New bounds of a budget; null takes a bound away."""

    usd = serializers.DecimalField(
        max_digits=14,
        decimal_places=6,
        min_value=0,
        max_value=int(Budget.MOST_USD),
        required=False,
        allow_null=True,
    )
    tokens = serializers.IntegerField(min_value=0, max_value=Budget.MOST_TOKENS, required=False, allow_null=True)
    model_calls = serializers.IntegerField(min_value=0, max_value=Budget.MOST_CALLS, required=False, allow_null=True)
    at_limit = serializers.ChoiceField(AtLimit.choices, required=False)
    warn_at = serializers.IntegerField(min_value=1, max_value=100, required=False)


class BudgetIn(BudgetChange):
    scope = serializers.ChoiceField(Budget.Scope.choices)
    scope_id = serializers.UUIDField(required=False, allow_null=True)
    period = serializers.ChoiceField(Budget.Period.choices, required=False, default=Budget.Period.MONTH)
    at_limit = serializers.ChoiceField(AtLimit.choices, required=False, default=AtLimit.STOP)
    warn_at = serializers.IntegerField(min_value=1, max_value=100, required=False, default=WARN_AT)


class BudgetOut(serializers.ModelSerializer[Budget]):
    usd = serializers.DecimalField(max_digits=14, decimal_places=6, allow_null=True)

    class Meta:
        model = Budget
        fields = (
            "id", "scope", "scope_id", "scope_name", "period", "usd", "tokens", "model_calls", "at_limit", "warn_at",
            "created_at", "updated_at",
        )  # fmt: skip


class BudgetStandingOut(BudgetOut):
    """A budget with where its present period stands. Its ETag changes only with the budget itself."""

    present = serializers.SerializerMethodField()

    class Meta(BudgetOut.Meta):
        fields = (*BudgetOut.Meta.fields, "present")  # type: ignore[assignment]

    @extend_schema_field(MeasuresOut(allow_null=True))
    def get_present(self, budget: Budget) -> dict[str, Any] | None:
        known: dict[Any, Standing] = self.context.get("standings", {})
        standing = known.get(budget.pk) or standing_of(budget)
        return words.figures_of(standing.account) if standing.account else None


class RunAccountOut(serializers.Serializer[Account]):
    """One bound of a run."""

    source = serializers.ChoiceField(Account.Source.choices)  # type: ignore[assignment]  # a field, not the serializer's own
    budget = serializers.UUIDField(source="budget_id", allow_null=True)
    name = serializers.SerializerMethodField()
    at_limit = serializers.ChoiceField(AtLimit.choices)
    used = serializers.SerializerMethodField()

    def get_name(self, account: Account) -> str:
        return words.named(account)

    @extend_schema_field(MeasuresOut)
    def get_used(self, account: Account) -> dict[str, Any]:
        return words.figures_of(account)


class RunBudgetOut(serializers.Serializer[Run]):
    """What bounds a run, and how much of it is used: by all runs under a budget, by this one under its own limits."""

    limits = serializers.DictField(help_text="What the run was given: usd, tokens, model_calls, at_limit.")
    accounts = serializers.SerializerMethodField()

    @extend_schema_field(RunAccountOut(many=True))
    def get_accounts(self, run: Run) -> Any:
        return show_all(RunAccountOut, accounts_of_run(run))


class UsedOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the serializer's own `label`
    model_calls = serializers.IntegerField()
    cached_calls = serializers.IntegerField(help_text="Answered from a cache; they cost nothing.")
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()
    cost = serializers.DecimalField(max_digits=14, decimal_places=6)


class UsageReportOut(serializers.Serializer[Any]):
    by = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField()
    results = UsedOut(many=True, source="lines")
    total = UsedOut()
