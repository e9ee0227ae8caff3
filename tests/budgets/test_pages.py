"""The page “Budget and usage”."""

from __future__ import annotations

from decimal import Decimal

from django.test import Client
from django.utils import timezone

from projects.budgets.models import Account, Budget
from tenants.access import Member
from tenants.models import Tenant, User
from tests.budgets.conftest import a_budget
from tests.budgets.test_budgets_api import a_call
from tests.conftest import ClientOf
from tests.projects.runs import a_run

PAGE = "/w/acme/settings/budgets/"


def shown(client: Client, url: str = PAGE) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_meter_says_how_much_is_used(
    client_of: ClientOf, alice: User, in_acme: Tenant, alice_at_acme: Member
) -> None:
    a_budget(alice_at_acme, usd=Decimal(10))
    Account.objects.update(usd_used=Decimal("8.40"), usd_more=Decimal(2))
    page = shown(client_of(alice))
    assert '<meter min="0" max="100" high="80" low="80" optimum="0" value="70.0">70 %</meter>' in page
    assert "$8.40 of $12.00" in page
    assert "$2.00 allowed on top in this period" in page
    assert "Over 80 %" not in page
    Account.objects.update(usd_used=Decimal("9.61234"))
    near = shown(client_of(alice))
    assert "Over 80 %" in near
    assert "$9.61 of $12.00" in near
    Account.objects.update(usd_used=Decimal(12))
    assert "Used up" in shown(client_of(alice), f"{PAGE}{Budget.objects.get().pk}/")


def test_an_admin_sets_changes_and_deletes(client_of: ClientOf, alice: User, in_acme: Tenant) -> None:
    client = client_of(alice)
    given = {"place": "workspace", "period": "month", "usd": "10", "at_limit": "ask", "warn_at": "80"}
    assert client.post(PAGE, given).status_code == 302
    budget = Budget.objects.get()
    assert (budget.scope, budget.usd, budget.tokens, budget.at_limit) == ("workspace", Decimal(10), None, "ask")
    one = f"{PAGE}{budget.pk}/"
    assert client.post(one, {"tokens": "500", "at_limit": "stop", "warn_at": "90"}).status_code == 302
    budget.refresh_from_db()
    assert (budget.usd, budget.tokens, budget.at_limit, budget.warn_at) == (None, 500, "stop", 90)
    assert client.post(f"{one}delete/").status_code == 302
    assert not Budget.objects.exists()


def test_a_budget_of_nothing_is_refused_at_its_field(client_of: ClientOf, alice: User, in_acme: Tenant) -> None:
    answer = client_of(alice).post(PAGE, {"place": "workspace", "period": "month", "at_limit": "stop", "warn_at": "80"})
    assert answer.status_code == 422
    assert "Bound at least one of them: dollars, tokens or model calls." in answer.content.decode()


def test_a_viewer_sees_figures_and_no_forms(
    client_of: ClientOf, victor: User, in_acme: Tenant, alice_at_acme: Member
) -> None:
    a_budget(alice_at_acme, usd=Decimal(10))
    a_call(a_run(alice_at_acme), agent="<b>writer</b>")
    page = shown(client_of(victor), f"{PAGE}?by=agent")
    assert "Set a budget" not in page
    assert "&lt;b&gt;writer&lt;/b&gt;" in page
    assert "$0.50" in page


def test_the_table_is_a_download(client_of: ClientOf, alice: User, in_acme: Tenant, alice_at_acme: Member) -> None:
    a_call(a_run(alice_at_acme), agent="=1+1")
    answer = client_of(alice).get(f"{PAGE}usage.csv?by=agent&days=7")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode().splitlines()[1].startswith("'=1+1,'=1+1,1,0,100,10,110,")
    assert f"-{timezone.now().date()}.csv" in answer["Content-Disposition"]
