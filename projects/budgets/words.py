"""Sentences and figures about budgets, for people."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from projects.budgets.amounts import Amounts, Limits
from projects.budgets.models import Account, Budget

WHO_RAISES = "An admin of this workspace can raise it under Settings, Budget and usage."
UNITS = {"usd": "dollars", "tokens": "tokens", "model_calls": "model calls"}
TITLES = {"usd": "Dollars", "tokens": "Tokens", "model_calls": "Model calls"}


def named(account: Account) -> str:
    """What the account belongs to, as the beginning of a sentence."""
    budget = account.budget
    if budget is None:
        return "The limit of its crew" if account.source == Account.Source.CREW else "The limit of this run"
    month = f" for {_month(account.starts)}" if budget.period == Budget.Period.MONTH else ""
    return f"The budget of {_owner(budget)}{month}"


def _owner(budget: Budget) -> str:
    match budget.scope:
        case Budget.Scope.WORKSPACE:
            return "this workspace"
        case Budget.Scope.PROJECT:
            return f"the project “{budget.scope_name}”"
        case Budget.Scope.CREW:
            return f"“{budget.scope_name}”"
        case _:
            return "this run"


def _month(starts: date) -> str:
    return starts.strftime("%B %Y")


def amount(measure: str, value: Decimal | int) -> str:
    """`$1.50`, `12,000 tokens`, `3 model calls`."""
    if measure != "usd":
        word = UNITS[measure]
        return f"{value:,} {word[:-1] if value == 1 else word}"
    cents = Decimal(value).quantize(Decimal("0.01"))
    if cents == value:
        return f"${cents:,}"
    return f"${value:,.6f}".rstrip("0")


def warning_of(account: Account) -> str:
    """As in `The budget of this workspace for November 2026 is used to 84 %: $8.40 of $10.00.`"""
    measure, share = _fullest(account.used, account.limits)
    used, most = getattr(account.used, measure), getattr(account.limits, measure)
    return f"{named(account)} is used to {share:.0f} %: {amount(measure, used)} of {amount(measure, most)}."


def _fullest(used: Amounts, limits: Limits) -> tuple[str, float]:
    """The measure of which the largest share is used, and the share in percent."""
    shares = {name: share_of(getattr(used, name), getattr(limits, name)) for name in limits.bound}
    return max(shares.items(), key=lambda pair: pair[1])


def share_of(used: Decimal | int, most: Decimal | int) -> float:
    """Percent of `most`; a bound of nothing is full."""
    return 100.0 if not most else float(100 * used / most)


def refusal_of(account: Account, wanted: Amounts) -> str:
    """Why a call is not made: which bound, how much of it is used, what the call may take, and who may raise it."""
    measure = _short(account, wanted)
    limit, used, aside = (getattr(each, measure) for each in (account.limits, account.used, account.reserved))
    parts = [
        f"{named(account)} is {amount(measure, limit)}, of which {amount(measure, used)} {_be(measure, used)} used"
    ]
    if aside:
        parts.append(f" and {amount(measure, aside)} set aside for calls under way")
    parts.append(f"; the next call may take up to {amount(measure, getattr(wanted, measure))}. {_who(account)}")
    return "".join(parts)


def _be(measure: str, value: Decimal | int) -> str:
    return "is" if measure == "usd" or value == 1 else "are"


def _short(account: Account, wanted: Amounts) -> str:
    """The measure that does not suffice."""
    for measure in account.limits.bound:
        taken = getattr(account.used, measure) + getattr(account.reserved, measure)
        if taken + getattr(wanted, measure) > getattr(account.limits, measure):
            return measure
    return next(account.limits.bound)


def _who(account: Account) -> str:
    if account.budget is not None:
        return WHO_RAISES
    if account.source == Account.Source.CREW:
        return "Whoever builds the crew can raise its limits."
    return "Start it again with a higher limit."


def figures_of(account: Account) -> dict[str, Any]:
    """Used, set aside and bound of each measure that is bounded, as numbers."""
    return {
        name: {
            "used": _plain(getattr(account.used, name)),
            "reserved": _plain(getattr(account.reserved, name)),
            "limit": _plain(getattr(account.limits, name)),
        }
        for name in account.limits.bound
    }


def _plain(value: Decimal | int) -> float | int:
    return float(value) if isinstance(value, Decimal) else value
