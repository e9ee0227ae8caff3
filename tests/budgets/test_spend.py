"""Setting aside before a call, settling after it, giving back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.budgets import rules, spending
from projects.budgets.amounts import NOTHING, Amounts, Ceiling, Limits
from projects.budgets.models import Account, Budget, BudgetWarning
from projects.budgets.models import Reservation as Kept
from projects.budgets.purse import OverLimit, Purse, Reservation, _Later
from projects.budgets.spending import settle
from projects.models import RunEvent
from projects.work import leases
from tenants.access import Member, get_member
from tenants.context import PUBLIC, enter, in_tenant
from tenants.models import Tenant
from tenants.workspace.models import AuditEntry
from tests import cast
from tests.budgets.conftest import CALL, a_budget, a_purse, account_of, bounded_by, dollars, leased


@pytest.fixture
def db(fresh_db: None) -> None:
    """Purses work on threads of their own, so everything here is really committed."""


def reserve(purse: Purse, ceiling: Ceiling = CALL, key: str = "t1/writer/m1") -> Any:
    """On the test's own thread, without a loop."""
    if purse._nothing_bounds():
        return Reservation(None, (), ceiling, ceiling.completion_tokens)
    return attempt(purse, ceiling, key)


def attempt(purse: Purse, ceiling: Ceiling = CALL, key: str = "t1/writer/m1") -> Any:
    return purse._attempt(key, ceiling, may_wait=True)


def test_the_most_is_set_aside_and_what_was_used_stays(in_acme: Tenant, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, usd=Decimal(1), tokens=10_000, model_calls=5)
    reservation = reserve(a_purse(alice_at_acme))
    account = account_of(budget)
    assert account.reserved == (Decimal("0.002"), 200, 1)
    assert account.used == NOTHING
    settle([reservation.used(Decimal("0.0015"), 150)])
    account.refresh_from_db()
    assert account.reserved == NOTHING
    assert account.used == (Decimal("0.0015"), 150, 1)
    assert not Kept.objects.exists()


def test_a_failed_call_gives_everything_back(in_acme: Tenant, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, usd=Decimal(1))
    settle([reserve(a_purse(alice_at_acme)).refund()])
    assert account_of(budget).reserved == account_of(budget).used == NOTHING


def test_settling_twice_counts_the_use_twice_but_frees_once(in_acme: Tenant, alice_at_acme: Member) -> None:
    """The lease ran out and the reservation with it: what was used still counts."""
    budget = a_budget(alice_at_acme, usd=Decimal(1))
    reservation = reserve(a_purse(alice_at_acme))
    Kept.objects.all().delete()
    Account.objects.filter(budget=budget).update(usd_reserved=0, tokens_reserved=0, model_calls_reserved=0)
    settle([reservation.used(Decimal("0.001"), 100)])
    assert account_of(budget).reserved == NOTHING
    assert account_of(budget).used == (Decimal("0.001"), 100, 1)


def test_many_settlements_are_one_statement(in_acme: Tenant, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, usd=Decimal(1))
    purse = a_purse(alice_at_acme)
    made = [reserve(purse, key=f"t/a/m{n}") for n in range(5)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        settle([each.used(Decimal("0.001"), 100) for each in made])
    assert len(queries) == 1
    assert account_of(budget).used == (Decimal("0.005"), 500, 5)


def test_without_a_budget_nothing_is_asked_of_the_database(in_acme: Tenant, alice_at_acme: Member) -> None:
    purse = a_purse(alice_at_acme)
    first = reserve(purse)
    with CaptureQueriesContext(connection) as queries:
        second = reserve(purse, key="t1/writer/m2")
    assert len(queries) == 0
    assert first.id is second.id is first.used(Decimal(1), 1) is first.refund() is None


def test_an_answer_is_cut_to_what_is_left(in_acme: Tenant, alice_at_acme: Member) -> None:
    a_budget(alice_at_acme, tokens=170)
    reservation = reserve(a_purse(alice_at_acme))
    assert (reservation.answer_tokens, reservation.is_cut) == (70, True)
    assert Account.objects.get().tokens_reserved == 170


def test_an_answer_is_cut_to_what_the_dollars_buy(in_acme: Tenant, alice_at_acme: Member) -> None:
    a_budget(alice_at_acme, usd=Decimal("0.0019"))
    assert reserve(a_purse(alice_at_acme)).answer_tokens == 90


def test_what_does_not_fit_is_refused_in_words(in_acme: Tenant, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, usd=Decimal("0.003"))
    purse = a_purse(alice_at_acme)
    settle([reserve(purse).used(Decimal("0.002"), 200)])
    with pytest.raises(OverLimit) as refused:
        reserve(purse, key="t1/writer/m2")
    month = account_of(budget).starts.strftime("%B %Y")
    assert refused.value.detail == (
        f"The budget of this workspace for {month} is $0.003, of which $0.002 is used; the next call may take up to "
        "$0.00164. An admin of this workspace can raise it under Settings, Budget and usage."
    )
    assert (refused.value.code, refused.value.asks) == ("budget", False)
    assert account_of(budget).used == (Decimal("0.002"), 200, 1)
    assert account_of(budget).reserved == NOTHING


@pytest.mark.parametrize("may_wait", [True, False])
def test_what_is_only_set_aside_is_waited_for(in_acme: Tenant, alice_at_acme: Member, may_wait: bool) -> None:
    """A call under way holds all that is left, as it may use it; a second one is not over the limit before the first has used it."""
    budget = a_budget(alice_at_acme, tokens=250)
    first = reserve(a_purse(alice_at_acme), CALL, "t1/writer/m1")
    second = a_purse(alice_at_acme)
    assert second._attempt("t1/writer/m1", CALL, may_wait) == _Later()
    settle([first.used(Decimal("0.001"), 60)])
    cut = second._attempt("t1/writer/m1", CALL, may_wait)
    assert isinstance(cut, Reservation)
    assert cut.answer_tokens == 90
    settle([used for used in [cut.used(Decimal("0.001"), 190)] if used])
    with pytest.raises(OverLimit):
        second._attempt("t1/writer/m2", CALL, may_wait)
    assert (account_of(budget).used.tokens, account_of(budget).reserved) == (250, NOTHING)


def test_an_answer_knows_whether_it_was_cut_for_what_others_only_hold(in_acme: Tenant, alice_at_acme: Member) -> None:
    """Waiting has an end: then it makes do with a shorter answer, and knows that it need not stay so."""
    a_budget(alice_at_acme, tokens=370)
    first = reserve(a_purse(alice_at_acme))
    other = a_purse(alice_at_acme)
    cut = other._attempt("t1/writer/m1", CALL, False)
    assert isinstance(cut, Reservation)
    assert (cut.answer_tokens, cut.others_hold) == (70, True)
    taken = (first.used(Decimal("0.001"), 100), cut.refund(Decimal("0.001"), 100))
    settle([each for each in taken if each])
    again = other._attempt("t1/writer/m1", CALL, False)
    assert isinstance(again, Reservation)
    assert (again.is_cut, again.others_hold) == (True, False), "by now it is spent"


def test_of_several_budgets_all_or_none_is_taken(in_acme: Tenant, alice_at_acme: Member) -> None:
    wide = a_budget(alice_at_acme, usd=Decimal(1))
    purse = a_purse(alice_at_acme, own=Limits(model_calls=1), crew=dollars("1"))
    settle([reserve(purse).used(Decimal("0.001"), 100)])
    with pytest.raises(OverLimit) as refused:
        reserve(purse, key="t1/writer/m2")
    assert refused.value.code == "run_limit"
    assert refused.value.detail.startswith("The limit of this run is 1 model call, of which 1 model call is used;")
    assert account_of(wide).used == (Decimal("0.001"), 100, 1)
    assert account_of(wide).reserved == NOTHING


def test_an_unknown_price_counts_tokens_and_calls_only(in_acme: Tenant, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, usd=Decimal("0.000001"), tokens=1_000)
    reservation = reserve(a_purse(alice_at_acme), Ceiling(100, 100, None, None))
    assert reservation.counts_no_dollars
    assert account_of(budget).reserved == Amounts(tokens=200, model_calls=1)


def test_a_used_up_dollar_budget_lets_free_models_answer(in_acme: Tenant, alice_at_acme: Member) -> None:
    a_budget(alice_at_acme, usd=Decimal(0))
    assert not reserve(a_purse(alice_at_acme), Ceiling(100, 100)).is_cut


@pytest.mark.parametrize(
    ("scope", "bounds"), [("project", True), ("crew", True), ("run", True), ("other project", False)]
)
def test_a_budget_bounds_whom_it_names(in_acme: Tenant, alice_at_acme: Member, scope: str, bounds: bool) -> None:
    run, lease = leased(alice_at_acme)
    ids = {"project": run.project_id, "crew": run.subject_id, "run": run.pk, "other project": uuid4()}
    Budget.objects.create(scope=scope.rsplit(maxsplit=1)[-1], scope_id=ids[scope], model_calls=0)
    purse = Purse(bounded_by(run, fence=lease.fence))
    if not bounds:
        assert reserve(purse).id is None
        return
    with pytest.raises(OverLimit):
        reserve(purse)


def test_a_budget_bounds_the_run_that_is_asked_for_right_after_it(in_acme: Tenant, alice_at_acme: Member) -> None:
    """Though this process knew a moment ago that the workspace has none."""
    before = a_purse(alice_at_acme)
    assert before.boundless() is None
    assert attempt(before).id is None
    assert before.boundless() is not None
    Budget.objects.create(scope="workspace", model_calls=0)
    after = a_purse(alice_at_acme)
    assert after.boundless() is None
    with pytest.raises(OverLimit):
        attempt(after)


def test_a_new_month_begins_at_nothing(in_acme: Tenant, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, model_calls=1)
    Account.objects.filter(budget=budget).update(starts=date(2020, 1, 1), model_calls_used=1)
    rules.forget()
    assert reserve(a_purse(alice_at_acme)).id is not None
    assert sorted(Account.objects.values_list("model_calls_used", "model_calls_reserved")) == [(0, 1), (1, 0)]


def test_one_warning_at_the_mark(in_acme: Tenant, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, model_calls=5)
    run, lease = leased(alice_at_acme)
    purse = Purse(bounded_by(run, fence=lease.fence))
    for number in range(5):
        settle([reserve(purse, key=f"t/a/m{number}").used(Decimal(0), 10)])
        assert BudgetWarning.objects.count() == (1 if number >= 3 else 0)
    warning = BudgetWarning.objects.get()
    month = account_of(budget).starts.strftime("%B %Y")
    text = f"The budget of this workspace for {month} is used to 80 %: 4 model calls of 5 model calls."
    assert (warning.text, warning.run_id) == (text, run.pk)
    told = RunEvent.objects.get(run=run, type="budget.warning").data
    assert told["detail"] == text
    assert told["model_calls"] == {"used": 4, "reserved": 0, "limit": 5}
    entry = AuditEntry.objects.get(action="budget.warning")
    assert (entry.by_name, entry.via, entry.target_id) == ("Guildhall", "system", budget.pk)


def test_what_a_dead_worker_set_aside_is_free_again(in_acme: Tenant, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, model_calls=1)
    dead = a_purse(alice_at_acme)
    reserve(dead)
    living = a_purse(alice_at_acme)
    assert reserve(living) == _Later()
    with enter(PUBLIC), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE work_workitem SET lease_until = now() - interval '1 second' WHERE object_id = %s",
            [dead._bounded.caller.object_id],
        )
    assert reserve(living).id is not None
    assert account_of(budget).reserved == (Decimal("0.002"), 200, 1)


def test_a_run_that_goes_on_elsewhere_frees_what_its_old_worker_held(in_acme: Tenant, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, model_calls=2)
    purse = a_purse(alice_at_acme)
    reserve(purse)
    caller = purse._bounded.caller._replace(fence=2)
    assert spending.release_others(caller) == 1
    assert account_of(budget).reserved == NOTHING
    assert spending.release_others(caller) == 0


async def test_closing_gives_back_what_is_left(fresh_db: None) -> None:
    purse = await in_tenant("t_acme", _with_budget)
    await purse.reserve("t1/a/m1", CALL)
    await purse.close()
    assert await in_tenant("t_acme", Kept.objects.count) == 0


def _with_budget() -> Purse:
    with enter(PUBLIC):
        alice = get_member(cast.person("alice"), cast.workspace("acme"))
    a_budget(alice, model_calls=2)
    leases._held.clear()
    return a_purse(alice)
