"""From an outside id to a budget: what is not in this workspace does not exist."""

from __future__ import annotations

from uuid import UUID

from projects.budgets.models import Budget
from tenants.access import Member
from tenants.errors import NotFound


def get_budget(member: Member, budget_id: UUID) -> Budget:
    budget = Budget.objects.filter(pk=budget_id).first()
    if budget is None:
        raise NotFound("There is no such budget in this workspace.")
    return budget


def lock(budget: Budget) -> Budget:
    """The budget, locked, with its accounts: what it allows changes under these locks, taken in the order of ids."""
    locked = Budget.objects.select_for_update().get(pk=budget.pk)
    list(locked.accounts.select_for_update().order_by("pk"))
    return locked
