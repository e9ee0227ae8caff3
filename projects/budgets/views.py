"""The page “Budget and usage”."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from projects.budgets import access, queries, services, subjects, words
from projects.budgets.api import csv_answer
from projects.budgets.forms import BoundsForm, BudgetForm
from projects.budgets.models import Account, Budget
from projects.models import Project
from projects.templatetags.figures import money
from tenants.access import Role
from tenants.errors import Conflict, Invalid
from tenants.forms import show_refusal
from tenants.pages import WorkspacePage

DAYS = (7, 30, 90, 365)
ALL = 100.0
TITLES = {"day": "By day", "crew": "By crew", "agent": "By agent", "model": "By model", "project": "By project"}


class Bar(NamedTuple):
    """One measure of a budget, as a meter: percent used, the sentence beside it, and where it turns."""

    name: str
    percent: float
    text: str
    mark: int


@dataclass(frozen=True, slots=True)
class Line:
    """A budget on the page; `name` begins its row."""

    budget: Budget
    name: str
    bars: list[Bar]
    more: str

    @property
    def is_near(self) -> bool:
        """Whether any measure has come to where the budget warns."""
        return any(bar.percent >= bar.mark for bar in self.bars)

    @property
    def is_used_up(self) -> bool:
        return any(bar.percent >= ALL for bar in self.bars)


class BudgetsPage(WorkspacePage):
    """What may be spent, what is, and by whom."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._answer(BudgetForm(_places()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = BudgetForm(_places(), request.POST)
        if form.is_valid():
            try:
                budget = services.create_budget(**form.wanted(), by=self.member)
            except (Invalid, Conflict) as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"The budget of {_who(budget)} holds from the next call on.")
                return redirect("budgets:budgets")
        return self._answer(form, status=422)

    def _answer(self, form: BudgetForm, *, status: int = 200) -> HttpResponse:
        by, days = _by(self.request), _days(self.request)
        start, end = _range(days)
        return self.render(
            "budgets/budgets.html",
            status=status,
            form=form,
            lines=[_line(standing) for standing in queries.standings()],
            report=queries.usage(by=by, start=start, end=end),
            by=by,
            days=days,
            titles=TITLES,
            spans=DAYS,
            may_manage=self.member.may(Role.ADMIN),
        )


class UsagePage(WorkspacePage):
    """The table of the page, for a spreadsheet."""

    def get(self, request: HttpRequest) -> HttpResponse:
        start, end = _range(_days(request))
        return csv_answer(queries.usage(by=_by(request), start=start, end=end))


class BudgetPage(WorkspacePage):
    """One budget: its bounds can be changed, and it can be taken away."""

    def get(self, request: HttpRequest, budget_id: UUID) -> HttpResponse:
        budget = access.get_budget(self.member, budget_id)
        shown = {name: getattr(budget, name) for name in services.CHANGEABLE}
        shown["usd"] = shown["usd"] and f"{shown['usd'].normalize():f}"
        return self._answer(budget, BoundsForm(initial=shown))

    def post(self, request: HttpRequest, budget_id: UUID) -> HttpResponse:
        budget = access.get_budget(self.member, budget_id)
        form = BoundsForm(request.POST)
        if form.is_valid():
            try:
                services.update_budget(budget=budget, changes=form.cleaned_data, by=self.member)
            except Invalid as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"The budget of {_who(budget)} is changed.")
                return redirect("budgets:budgets")
        return self._answer(budget, form, status=422)

    def _answer(self, budget: Budget, form: BoundsForm, *, status: int = 200) -> HttpResponse:
        line = _line(queries.standing_of(budget))
        return self.render(
            "budgets/budget.html", status=status, line=line, form=form, may_manage=self.member.may(Role.ADMIN)
        )


class DeleteBudgetPage(WorkspacePage):
    def post(self, request: HttpRequest, budget_id: UUID) -> HttpResponse:
        budget = access.get_budget(self.member, budget_id)
        services.delete_budget(budget=budget, by=self.member)
        messages.success(request, f"The budget of {_who(budget)} is gone; nothing else is.")
        return redirect("budgets:budgets")


def _places() -> list[tuple[str, str]]:
    """What may be bounded besides the workspace, as the form has it."""
    projects = [(f"project:{pk}", f"Project {name}") for pk, name in Project.objects.values_list("pk", "name")]
    return projects + [(f"crew:{pk}", f"Crew or agent {name}") for pk, name in subjects.names().items()]


def _who(budget: Budget) -> str:
    return f"“{budget.scope_name}”" if budget.scope_name else "the workspace"


def _line(standing: queries.Standing) -> Line:
    budget = standing.budget
    account = standing.account or Account(budget=budget, **_empty(budget))
    return Line(budget, budget.scope_name or "Workspace", list(_bars(account)), _more(account))


def _empty(budget: Budget) -> dict[str, Any]:
    return {f"{name}_limit": getattr(budget, name) for name in budget.limits.bound} | {"warn_at": budget.warn_at}


def _bars(account: Account) -> list[Bar]:
    bars = []
    for name in account.limits.bound:
        used, most = getattr(account.used, name), getattr(account.limits, name)
        text = f"{_rounded(name, used)} of {words.amount(name, most)}"
        bars.append(Bar(words.TITLES[name], min(words.share_of(used, most), ALL), text, account.warn_at))
    return bars


def _rounded(name: str, used: Decimal | int) -> str:
    """As it is read beside a meter: money to the cent."""
    return money(used) if name == "usd" else words.amount(name, used)


def _more(account: Account) -> str:
    """What was allowed on top of the budget in this period."""
    extra: dict[str, Decimal | int] = {
        "usd": account.usd_more,
        "tokens": account.tokens_more,
        "model_calls": account.model_calls_more,
    }
    return ", ".join(words.amount(name, value) for name, value in extra.items() if value)


def _by(request: HttpRequest) -> str:
    given = request.GET.get("by", "day")
    return given if given in queries.BY else "day"


def _days(request: HttpRequest) -> int:
    given = request.GET.get("days", "30")
    return int(given) if given in map(str, DAYS) else 30


def _range(days: int) -> tuple[date, date]:
    end = timezone.now().date()
    return end - timedelta(days=days - 1), end
