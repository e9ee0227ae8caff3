"""What is shown of real runs: of many, or nothing, and nothing that a difference would give away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from marketplace.evidence.figures import OfModel, figures
from marketplace.evidence.folding import fold
from marketplace.evidence.models import Cell, RunStat, Withheld
from marketplace.evidence.showing import rounded
from marketplace.models import ListingVersion
from tenants.models import Membership, Tenant, User
from tenants.provenance.models import RunOutcome
from tests.conftest import ClientOf
from tests.evidence.conftest import Ran


@pytest.mark.parametrize(
    ("workspaces", "runs", "is_shown"), [(5, 20, True), (4, 20, False), (5, 19, False), (4, 200, False)]
)
def test_only_of_twenty_runs_of_five_workspaces(
    version: ListingVersion, houses: list[Tenant], ran: Ran, client: Client, address: str, api_address: str,
    workspaces: int, runs: int, is_shown: bool,
) -> None:  # fmt: skip
    ran(houses[:workspaces], runs)
    fold()
    assert (figures(version) is not None) == is_shown
    assert (client.get(api_address).json()["real_runs"] is not None) == is_shown
    page = client.get(address).content.decode()
    assert ("Too few runs to speak of" in page) == (not is_shown)
    assert RunStat.objects.get().runs == runs


def test_the_database_keeps_to_it(version: ListingVersion) -> None:
    values = dict.fromkeys(
        ("cost_median", "cost_p95", "seconds_median", "seconds_p95", "tokens_median", "tokens_p95"), 1.0
    )
    for runs, workspaces in ((19, 5), (20, 4)):
        with pytest.raises(IntegrityError, match="what_is_shown_is_of_many"), transaction.atomic():
            Cell.objects.create(
                version=version,
                runs=runs,
                succeeded=1,
                workspaces=workspaces,
                is_shown=True,
                upto=timezone.now(),
                **values,
            )


def test_the_figures_are_exact(version: ListingVersion, houses: list[Tenant], ran: Ran) -> None:
    ran(houses[:5], 20)  # 0.01, 0.02 … 0.20 dollars; 10, 20 … 200 seconds; 100, 200 … 2000 tokens
    ran(houses[:5], 5, status="failed", cost=0.0, seconds=0.0)
    ran(houses[:5], 40, status="cancelled", cost=9.0)
    ran(houses[:5], 40, status="failed", reason="provider_unreachable", cost=9.0)
    fold()
    stat = RunStat.objects.get()
    assert (stat.model, stat.runs, stat.succeeded, stat.workspaces) == ("small", 25, 20, 5)
    assert stat.cost_median == pytest.approx(0.08)
    assert stat.seconds_median == pytest.approx(80.0)
    assert stat.cost_p95 == pytest.approx(0.188)
    assert stat.seconds_p95 == pytest.approx(188.0)
    found = figures(version)
    assert found is not None
    assert (found.runs, found.success_rate) == (25, 0.8)
    assert found.models == (
        OfModel(
            model="small", runs=25, workspaces=5, success_rate=0.8, cost_median=0.08, cost_p95=0.19,
            seconds_median=80.0, seconds_p95=190.0, tokens_median=800.0, tokens_p95=1900.0,
        ),
    )  # fmt: skip


def test_folding_twice_changes_nothing_and_adds_what_came(
    version: ListingVersion, houses: list[Tenant], ran: Ran
) -> None:
    ran(houses[:5], 20)
    assert fold() == 1
    before = RunStat.objects.values().get()
    fold()
    assert {**RunStat.objects.values().get(), "updated_at": None} == {**before, "updated_at": None}
    ran(houses[:2], 3)
    fold()
    assert RunStat.objects.get().runs == 23


def test_the_publishers_own_runs_do_not_count(
    version: ListingVersion, acme: Tenant, globex: Tenant, houses: list[Tenant], ran: Ran, alice: User
) -> None:
    """Nor those of a workspace whose owner speaks for it, nor those of the platform's own, which have no members."""
    Membership.objects.create(user=alice, tenant=houses[4], role=Membership.Role.OWNER)
    nobodys = Tenant.objects.create(name="Sandbox", slug="nobodys", schema_name="t_nobodys")
    ran([*houses[:4], acme, houses[4], nobodys], 70)
    fold()
    assert figures(version) is None
    assert (RunStat.objects.get().runs, RunStat.objects.get().workspaces) == (40, 4)
    version.listing.refresh_from_db()
    assert version.listing.active_tenants == 4


def test_a_renewal_waits_for_as_many_new_ones(version: ListingVersion, houses: list[Tenant], ran: Ran) -> None:
    """One run more must not be read from two pages, nor nineteen, nor twenty of four."""
    ran(houses[:5], 20)
    fold()
    shown = figures(version)
    ran(houses[:1], 1, cost=50.0)
    ran(houses[:5], 18)
    fold()
    assert figures(version) == shown
    ran(houses[:4], 30)
    Withheld.objects.create(tenant_id=houses[4].pk, by_id=houses[4].pk)
    fold()
    assert figures(version) == shown
    ran(houses[5:], 1)
    fold()
    renewed = figures(version)
    assert renewed is not None
    assert renewed.runs == 20 * 4 // 5 + 1 + 15 + 30 + 1
    assert renewed.usual.workspaces == 5


def test_models_have_cells_of_their_own_and_cells_never_overlap(
    version: ListingVersion, houses: list[Tenant], ran: Ran
) -> None:
    """What all runs less those of a cell would leave is nobody's alone: there is no sum over cells that overlap."""
    ran(houses[:5], 20, model="small")
    ran(houses[:1], 3, model="rare")
    fold()
    found = figures(version)
    assert found is not None
    assert [(each.model, each.runs) for each in found.models] == [("small", 20)]
    assert found.runs == 20
    ran(houses[:5], 17, model="other")
    fold()
    found = figures(version)
    assert found is not None
    assert [(each.model, each.runs) for each in found.models] == [("", 20), ("small", 20)]
    ran(houses[:5], 20, model="rare")
    fold()
    found = figures(version)
    assert found is not None
    assert {each.model: each.runs for each in found.models} == {"": 20, "small": 20, "rare": 20}


def test_models_that_few_ran_are_shown_together(version: ListingVersion, houses: list[Tenant], ran: Ran) -> None:
    ran(houses[:5], 10, model="one")
    ran(houses[:5], 10, model="two")
    fold()
    found = figures(version)
    assert found is not None
    assert [(each.model, each.runs, each.workspaces) for each in found.models] == [("", 20, 5)]


def test_after_90_days_nothing_is_shown_any_more(version: ListingVersion, houses: list[Tenant], ran: Ran) -> None:
    ran(houses[:5], 20)
    fold()
    Cell.objects.update(upto=timezone.now() - timedelta(days=91))
    RunOutcome.objects.update(
        ended_at=timezone.now() - timedelta(days=91), created_at=timezone.now() - timedelta(days=91)
    )
    fold()
    assert figures(version) is None


def test_a_workspace_contributes_no_more(
    version: ListingVersion, globex: Tenant, houses: list[Tenant], ran: Ran, client_of: ClientOf, mallory: User, django_capture_on_commit_callbacks: Any
) -> None:  # fmt: skip
    ran([globex, *houses[:4]], 20)
    fold()
    shown, client = figures(version), client_of(mallory)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/w/globex/settings/figures/", {"wanted": "0"}).status_code == 302
    assert (RunStat.objects.get().runs, RunStat.objects.get().workspaces) == (16, 4)
    assert figures(version) == shown  # the difference would be Globex's
    assert "Globex contributes nothing" in client.get("/w/globex/settings/figures/").content.decode()
    fold()
    version.listing.refresh_from_db()
    assert version.listing.active_tenants == 4
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/w/globex/settings/figures/", {"wanted": "1"})
    assert RunStat.objects.get().runs == 20


def test_only_admins_decide_that(client_of: ClientOf, victor: User, mallory: User) -> None:
    assert client_of(victor).post("/w/acme/settings/figures/", {"wanted": "0"}).status_code == 403
    assert client_of(mallory).post("/w/acme/settings/figures/", {"wanted": "0"}).status_code == 404
    assert Withheld.objects.count() == 0


@pytest.mark.parametrize(("workspaces", "told"), [(4, None), (5, 5)])
def test_who_uses_it_is_told_from_five_workspaces_on(
    version: ListingVersion, houses: list[Tenant], ran: Ran, client: Client, address: str, workspaces: int, told: int | None
) -> None:  # fmt: skip
    ran(houses[:workspaces], workspaces)
    fold()
    listing = version.listing
    assert client.get(f"/api/v1/marketplace/listings/{listing.ref}/").json()["active_tenants"] == told
    page = client.get(address).content.decode()
    assert (f"<small>{workspaces}</small>" in page, "<small>fewer than 5</small>" in page) == (
        told is not None,
        told is None,
    )


@pytest.mark.parametrize(
    ("value", "shown"), [(0.012345, 0.012), (1234.5, 1200.0), (0.0, 0.0), (99.6, 100.0), (None, 0.0), (7, 7)]
)
def test_two_digits_that_count(value: float, shown: float) -> None:
    assert rounded(value) == shown
