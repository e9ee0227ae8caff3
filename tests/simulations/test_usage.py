"""What plays took of models stands in the workspace's table of usage, beside what runs took."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client

from projects.budgets.models import Account
from simulations.models import Simulation
from tenants.models import User
from tests.conftest import ClientOf
from tests.simulations.conftest import Begin

USAGE = "/w/acme/api/v1/usage/"


@pytest.fixture
def client(client_of: ClientOf, alice: User) -> Client:
    return client_of(alice)


def took(simulation: Simulation, **taken: object) -> None:
    Simulation.objects.filter(pk=simulation.pk).update(**taken)


def test_plays_are_counted_with_the_day_on_which_they_began(client: Client, begin: Begin) -> None:
    took(begin(start=False), llm_calls=3, tokens=500, cost=Decimal("0.25"), served_by="openai/gpt-5")
    took(begin(start=False), llm_calls=1, tokens=20, cost=Decimal("0.5"))
    begin(start=False)  # which asked nobody
    lines = client.get(USAGE).json()["results"]
    today = datetime.now(UTC).date().isoformat()
    assert [(line["key"], line["model_calls"], line["total_tokens"], line["cost"]) for line in lines] == [
        (today, 4, 520, 0.75)
    ]
    assert client.get(f"{USAGE}?from=2020-01-01&to=2020-01-31").json()["total"]["model_calls"] == 0


def test_a_new_budget_of_the_workspace_has_them_counted(client: Client, begin: Begin) -> None:
    took(begin(start=False), llm_calls=3, tokens=500, cost=Decimal("0.25"), served_by="openai/gpt-5")
    given = {"scope": "workspace", "period": "month", "usd": 1}
    answer = client.post("/w/acme/api/v1/budgets/", given, content_type="application/json")
    assert answer.status_code == 201, answer.content
    account = Account.objects.get()
    assert account.used == (Decimal("0.25"), 500, 3)


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        ("crew", [("Scenario Schelling segregation", 4)]),
        ("agent", [("Agents in simulations", 4)]),
        ("model", [("No answer came (simulations)", 1), ("gpt-5 (openai)", 3)]),
        ("project", [("Simulations", 4)]),
    ],
)
def test_by_what_is_theirs(client: Client, begin: Begin, by: str, labels: list[tuple[str, int]]) -> None:
    took(begin(start=False), llm_calls=3, tokens=500, cost=Decimal("0.25"), served_by="openai/gpt-5")
    took(begin(start=False), llm_calls=1, tokens=20, cost=Decimal("0.5"))
    answer = client.get(f"{USAGE}?by={by}").json()
    assert [(line["label"], line["model_calls"]) for line in answer["results"]] == labels
    assert (answer["total"]["model_calls"], answer["total"]["total_tokens"]) == (4, 520)
