"""What goes wrong with a play, for the workspace's list of errors: stored in the transaction that it changes the play in."""

from __future__ import annotations

from projects.faults import noting
from projects.faults.models import Category, How
from simulations.models import Simulation

_REASONS = {"models_unavailable": Category.PROVIDER, "over_budget": Category.BUDGET}
LOST = "Its worker died or lost touch; another one went on after the last stored step."


def stopped(simulation: Simulation, category: Category | None = None) -> None:
    """Note why a play failed, or rests or stops before its end; what a person wished is no error."""
    category = category or _REASONS.get(simulation.stop_reason)
    if category is not None:
        code = simulation.stop_reason if simulation.stop_reason in _REASONS else "play_failed"
        noting.store([noting.Noted(category, code, _detail(simulation, simulation.stop_detail))])


def worker_lost(simulation: Simulation) -> None:
    noting.store([noting.Noted(Category.INTERNAL, "worker_lost", _detail(simulation, LOST), how=How.RESUME)])


def _detail(simulation: Simulation, what: str) -> str:
    return f"{simulation.title}, step {simulation.step}: {what}"[:2_000]
