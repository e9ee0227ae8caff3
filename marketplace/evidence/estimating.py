"""What a run would cost one workspace, at its own prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.execution.ceilings import usual_price
from agents.gateway import gateway
from agents.llm.types import CredentialRefused
from marketplace.evidence.figures import Figures, OfModel
from tenants.context import enter
from tenants.models import Tenant

MILLION = 1_000_000
Basis = Literal["same_model", "other_model", "no_price", "no_figures", "offline"]


@dataclass(frozen=True, slots=True)
class WouldCost:
    """US dollars of a usual run: `low` if all its tokens were read, `high` if all were written; None where nobody knows a price."""

    basis: Basis
    model: str
    low: float | None = None
    high: float | None = None
    tokens: float = 0.0


def would_cost(found: Figures | None, tenant: Tenant) -> WouldCost:
    """From what runs take elsewhere and what this workspace pays for the model that would answer it now."""
    with enter(tenant.schema_name):
        try:
            models = gateway()
        except CredentialRefused:
            return WouldCost("no_price", "")
        model = models.describe().model
        price = usual_price("", models.routes) if models.routes else None
    if found is None:
        return WouldCost("no_figures", model)
    of, basis = _like(found, model)
    if price is None:
        return WouldCost("no_price", model, tokens=of.tokens_median)
    ends = sorted(float(each) * of.tokens_median / MILLION for each in (price.prompt, price.completion))
    return WouldCost(basis, model, low=ends[0], high=ends[1], tokens=of.tokens_median)


def _like(found: Figures, model: str) -> tuple[OfModel, Basis]:
    same = next((each for each in found.models if each.model == model), None)
    return (same, "same_model") if same else (found.usual, "other_model")
