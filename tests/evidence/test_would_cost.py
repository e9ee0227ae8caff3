"""What a run would cost one's own workspace."""

from __future__ import annotations

import pytest
from django.test import Client

from agents.connections.models import Connection
from marketplace.evidence.estimating import would_cost
from marketplace.evidence.figures import Figures, OfModel
from marketplace.evidence.folding import fold
from tenants.models import Tenant, User
from tests.conftest import ClientOf
from tests.evidence.conftest import Ran


def of(model: str, tokens: float) -> OfModel:
    return OfModel(model, 20, 5, 1.0, 0.01, 0.02, 1.0, 2.0, tokens, 2 * tokens)


SEEN = Figures(40, 1.0, of("gpt-5", 3000.0), (of("gpt-5", 3000.0), of("small", 1000.0)))


@pytest.mark.parametrize(
    ("model", "basis", "tokens"), [("small", "same_model", 1000.0), ("large", "other_model", 3000.0)]
)
def test_at_ones_own_price(in_acme: Tenant, model: str, basis: str, tokens: float) -> None:
    """Between all of its tokens read and all of them written; from runs on the same model where there are."""
    Connection.objects.create(
        name="own", provider="llamacpp", base_url="http://127.0.0.1:9/v1", model=model, position=1,
        prices={model: {"prompt": "1", "completion": "4"}},
    )  # fmt: skip
    found = would_cost(SEEN, in_acme)
    assert (found.basis, found.model, found.tokens) == (basis, model, tokens)
    assert (found.low, found.high) == (tokens / 1_000_000, 4 * tokens / 1_000_000)


def test_on_the_page(
    client: Client, client_of: ClientOf, alice: User, houses: list[Tenant], ran: Ran, address: str
) -> None:
    mine = f"{address}?workspace=acme"
    assert "Nobody knows yet what a run takes" in client_of(alice).get(mine).content.decode()
    ran(houses[:5], 20)
    fold()
    assert "<strong>$0.00</strong>" in client_of(alice).get(mine).content.decode()  # the offline stand-in costs nothing
    assert "a run in" not in client_of(alice).get(f"{address}?workspace=globex").content.decode()
    assert "Sign in to see it" in client.get(mine).content.decode()
