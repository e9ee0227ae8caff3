"""Budgets in real runs: started by a person, carried out by a worker, answered by a model server."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from agents.models import Crew
from agents.services import start_crew_run
from projects.budgets import spending
from projects.budgets.amounts import Amounts
from projects.budgets.models import Account, Reservation
from projects.budgets.spending import Caller
from projects.faults import recovery
from projects.faults.models import Fault
from projects.models import ModelCall, Run
from projects.services import cancel_run
from projects.work import leases
from projects.work.models import WorkItem
from projects.work.sweeping import sweep
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.models import Membership, Tenant, User
from tests.agents.conftest import API, play, sending_json
from tests.budgets.conftest import a_budget, account_of, leased
from tests.conftest import ApiOf, ClientOf
from tests.runtimes.stage import asked_for
from tests.servers.llm import FakeLLM, Say, Step
from tests.servers.llm import Fault as Failing
from tests.thorough import only_in_ci


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


@pytest.fixture
def talking(model: FakeLLM) -> FakeLLM:
    """A hundred tokens in and ten out, whatever is asked."""
    model.set_script(lambda seen: Say(f"Result of {asked_for(seen)}.", usage=(100, 10)))
    return model


def test_a_budget_comes_with_the_order(in_acme: Tenant, api: APIClient, relay: Crew, model: FakeLLM) -> None:
    given = {"crew": str(relay.pk), "inputs": {"topic": "tides"}, "budget": {"usd": 0.5, "at_limit": "ask"}}
    answer = api.post(f"{API}runs/", given)
    assert answer.status_code == 202, answer.data
    assert answer.data["budget"] == {"limits": {"usd": 0.5, "at_limit": "ask"}, "accounts": []}
    assert api.post(f"{API}runs/", {**given, "budget": {"usd": -1}}).status_code == 400


def a_start(crew: Crew, by: Member, **limits: Any) -> Run:
    return start_crew_run(crew=crew, inputs={"topic": "tides"}, by=by, limits=limits)


def test_what_a_run_used_stands_in_its_budget(
    in_acme: Tenant,
    relay: Crew,
    talking: FakeLLM,
    alice_at_acme: Member,
) -> None:
    budget = a_budget(alice_at_acme, tokens=1_000_000, usd=Decimal(5))
    assert play(a_start(relay, alice_at_acme)).status == "succeeded"
    account = account_of(budget)
    assert (account.tokens_used, account.model_calls_used, account.usd_used) == (330, 3, Decimal(0))
    assert account.tokens_reserved == account.model_calls_reserved == 0
    assert not Reservation.objects.exists()


def test_at_the_limit_the_run_stops_and_says_why(
    in_acme: Tenant,
    api: APIClient,
    relay: Crew,
    talking: FakeLLM,
    alice_at_acme: Member,
) -> None:
    a_budget(alice_at_acme, model_calls=2)
    run = play(a_start(relay, alice_at_acme))
    assert (run.status, run.stop_reason) == ("over_budget", "budget")
    assert (
        "is 2 model calls, of which 2 model calls are used; the next call may take up to 1 model call."
        in run.stop_detail
    )
    assert run.stop_detail.endswith("An admin of this workspace can raise it under Settings, Budget and usage.")
    assert [asked_for(seen) for seen in talking.ledger()] == ["t1", "t2"]
    shown = api.get(f"{API}runs/{run.pk}/").data["budget"]
    assert [(each["source"], each["used"]) for each in shown["accounts"]] == [
        ("budget", {"model_calls": {"used": 2, "reserved": 0, "limit": 2}})
    ]
    fault = Fault.objects.get(run=run)
    assert (fault.category, fault.code, fault.recovered) == ("budget", "budget", False)


def test_an_admin_is_asked_and_allows_more_once(
    in_acme: Tenant,
    api: APIClient,
    relay: Crew,
    talking: FakeLLM,
    alice_at_acme: Member,
) -> None:
    run = play(a_start(relay, alice_at_acme, model_calls=2, at_limit="ask"))
    assert run.status == "waiting"
    question = run.questions.get()
    assert (question.kind, question.status) == ("budget", "open")
    assert question.text.startswith("The limit of this run is 2 model calls, of which 2 model calls are used;")
    url = f"{API}runs/{run.pk}/input/"
    assert api.post(url, {"question": str(question.pk), "action": "approve"}).status_code == 400
    assert api.post(
        url, {"question": str(question.pk), "action": "approve", "data": {"model_calls": 1}}
    ).status_code in {200, 202}
    run = play(run)
    assert (run.status, run.output) == ("succeeded", "Result of t3.")
    assert [asked_for(seen) for seen in talking.ledger()] == ["t1", "t2", "t3"]
    account = Account.objects.get(run=run)
    assert (account.limits.model_calls, account.model_calls_used) == (3, 3)


def test_an_admin_answers_on_the_page(
    in_acme: Tenant, client_of: ClientOf, alice: User, relay: Crew, talking: FakeLLM, alice_at_acme: Member
) -> None:
    run = play(a_start(relay, alice_at_acme, model_calls=2, at_limit="ask"))
    page = f"/w/acme/questions/{run.questions.get().pk}/"
    assert "How many model calls more are allowed, once." in client_of(alice).get(page).content.decode()
    refused = client_of(alice).post(page, {"action": "approve", "input.model_calls": "-1"})
    assert refused.status_code == 422
    assert "A number above 0" in refused.content.decode()
    assert client_of(alice).post(page, {"action": "approve", "input.model_calls": "4"}).status_code == 302
    assert Account.objects.get(run=run).limits.model_calls == 6


def test_only_an_admin_allows_more(
    in_acme: Tenant, api_of: ApiOf, victor: User, acme: Tenant, relay: Crew, talking: FakeLLM, alice_at_acme: Member
) -> None:
    """Victor builds here now; whoever builds answers questions, but money takes an admin."""
    run = play(a_start(relay, alice_at_acme, model_calls=2, at_limit="ask"))
    with enter(PUBLIC):
        Membership.objects.filter(user=victor, tenant=acme).update(role=Membership.Role.OPERATOR)
    client = sending_json(api_of(victor))
    given = {"question": str(run.questions.get().pk), "action": "approve", "data": {"model_calls": 1}}
    assert client.post(f"{API}runs/{run.pk}/input/", given).status_code == 403
    run.refresh_from_db()
    assert (run.status, Account.objects.get(run=run).limits.model_calls) == ("waiting", 2)


def test_who_says_no_ends_the_run(
    in_acme: Tenant,
    api: APIClient,
    relay: Crew,
    talking: FakeLLM,
    alice_at_acme: Member,
) -> None:
    run = play(a_start(relay, alice_at_acme, model_calls=1, at_limit="ask"))
    api.post(f"{API}runs/{run.pk}/input/", {"question": str(run.questions.get().pk), "action": "reject"})
    run = play(run)
    assert (run.status, run.stop_reason) == ("over_budget", "run_limit")
    assert len(talking.ledger()) == 1


def test_a_failed_call_takes_nothing(in_acme: Tenant, relay: Crew, model: FakeLLM, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, tokens=1_000_000)
    model.set_script([Failing(status=400)] * 10)
    assert play(a_start(relay, alice_at_acme)).status == "failed"
    account = account_of(budget)
    assert (account.tokens_reserved, account.model_calls_used) == (0, 0)
    assert not Reservation.objects.exists()
    assert Fault.objects.get().category == "validation"


def test_a_retried_call_is_an_error_that_was_put_right(
    in_acme: Tenant,
    relay: Crew,
    model: FakeLLM,
    alice_at_acme: Member,
) -> None:
    steps: list[Step] = [Failing(status=503), *(Say("Fine.", usage=(100, 10)) for _ in range(3))]
    model.set_script(steps)
    run = play(a_start(relay, alice_at_acme))
    assert run.status == "succeeded"
    fault = Fault.objects.get(run=run)
    assert (fault.category, fault.code, fault.recovered, fault.how) == (
        "provider",
        "provider_overloaded",
        True,
        "retry",
    )
    assert (fault.task, fault.agent) == ("t1", "writer")


def test_without_budgets_a_run_makes_no_accounts(
    in_acme: Tenant,
    relay: Crew,
    talking: FakeLLM,
    alice_at_acme: Member,
) -> None:
    assert play(a_start(relay, alice_at_acme)).status == "succeeded"
    assert not Account.objects.exists()
    assert ModelCall.objects.count() == 3


def test_a_nearly_used_budget_bounds_the_answer_and_a_cut_one_is_no_success(
    in_acme: Tenant,
    relay: Crew,
    model: FakeLLM,
    alice_at_acme: Member,
) -> None:
    model.set_script(lambda seen: Say("Result", usage=(100, 10), finish="length"))
    a_budget(alice_at_acme, tokens=2_000)
    run = play(a_start(relay, alice_at_acme))
    assert (run.status, run.stop_reason) == ("over_budget", "budget")
    assert "An answer broke off after" in run.stop_detail
    asked = model.ledger()[0].body
    assert 64 <= asked.get("max_tokens", asked.get("max_completion_tokens")) < 2_000


def test_failed_attempts_that_are_charged_take_no_more_than_there_is(
    in_acme: Tenant, relay: Crew, model: FakeLLM, alice_at_acme: Member
) -> None:
    """The answer is empty, its tokens are charged, and the gateway would try once more."""
    model.set_script(lambda seen: Say("", usage=(100, seen.body["max_tokens"] // 2)))
    budget = a_budget(alice_at_acme, tokens=2_000)
    run = play(a_start(relay, alice_at_acme))
    assert (run.status, run.stop_reason) == ("over_budget", "budget")
    account = account_of(budget)
    assert account.tokens_used == sum(100 + seen.body["max_tokens"] // 2 for seen in model.ledger())
    assert 1_500 < account.tokens_used <= 2_000
    assert run.prompt_tokens + run.completion_tokens == account.tokens_used
    assert (account.tokens_reserved, Reservation.objects.count()) == (0, 0)


def test_a_call_that_is_broken_off_is_paid_for(
    in_acme: Tenant, relay: Crew, model: FakeLLM, alice_at_acme: Member
) -> None:
    """Else whoever cancels in time asks for nothing, as often as they like."""
    model.set_script(lambda _: Failing("stall"))
    budget = a_budget(alice_at_acme, tokens=1_000_000)
    run = a_start(relay, alice_at_acme)

    def cancel() -> None:
        while not model.ledger():
            time.sleep(0.02)
        with enter(in_acme.schema_name):
            cancel_run(run=Run.objects.get(pk=run.pk), by=alice_at_acme)
        connection.close()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    ended = play(run)
    canceller.join()
    account = account_of(budget)
    assert (ended.status, account.tokens_used > 0) == ("cancelled", True)
    assert ended.prompt_tokens + ended.completion_tokens == account.tokens_used
    assert (account.tokens_reserved, account.model_calls_used, Reservation.objects.count()) == (0, 0, 0)


@only_in_ci  # a call waits 20 seconds before it makes do with less
def test_an_answer_that_was_cut_for_others_is_asked_for_again(
    in_acme: Tenant, relay: Crew, model: FakeLLM, alice_at_acme: Member
) -> None:
    """The other run holds nearly all of the budget, for an answer that it may never give at such length."""
    model.set_script(
        lambda seen: (
            Say("Half of", usage=(100, 50), finish="length")
            if "max_tokens" in seen.body
            else Say("Result.", usage=(100, 10))
        )
    )
    budget = a_budget(alice_at_acme, tokens=40_000)
    other, lease = leased(alice_at_acme)
    with enter(PUBLIC):
        WorkItem.objects.filter(object_id=other.pk).update(lease_until=timezone.now() + timedelta(hours=1))
    held = spending.reserve(
        Caller(other.kind, other.pk, lease.fence), "t1", [account_of(budget).pk], Amounts(tokens=38_500, model_calls=1)
    )
    assert held.reservation is not None
    settlement = spending.Settlement(held.reservation, (account_of(budget).pk,))

    def free() -> None:
        while not model.ledger():
            time.sleep(0.02)
        with enter(in_acme.schema_name):
            spending.settle([settlement])
        connection.close()

    freeing = threading.Thread(target=free)
    freeing.start()
    run = play(a_start(relay, alice_at_acme))
    freeing.join()
    assert (run.status, run.output) == ("succeeded", "Result.")
    account = account_of(budget)
    assert (account.tokens_used, account.model_calls_used) == (150 + 3 * 110, 3)
    assert run.prompt_tokens + run.completion_tokens == account.tokens_used
    waited = run.events.filter(type="model.waiting").values_list("data", flat=True)
    assert [each["code"] for each in waited] == ["budget"]


def test_failed_attempts_that_fit_are_made_up_for(
    in_acme: Tenant, relay: Crew, model: FakeLLM, alice_at_acme: Member
) -> None:
    model.set_script([Say("", usage=(100, 50)), *(Say("Fine.", usage=(100, 10)) for _ in range(3))])
    budget = a_budget(alice_at_acme, tokens=1_000_000)
    run = play(a_start(relay, alice_at_acme))
    account = account_of(budget)
    assert (run.status, account.tokens_used, account.model_calls_used) == ("succeeded", 480, 3)
    assert (account.tokens_reserved, Reservation.objects.count()) == (0, 0)


def test_a_run_that_lost_its_worker_says_so_and_frees_what_it_held(
    in_acme: Tenant, relay: Crew, talking: FakeLLM, alice_at_acme: Member
) -> None:
    """The first worker set room aside for a call and died."""
    budget = a_budget(alice_at_acme, model_calls=3)
    run = a_start(relay, alice_at_acme)
    with enter(PUBLIC):
        lease = leases.claim(["crews"])
        assert lease is not None
    caller = Caller(run.kind, run.pk, lease.fence)
    assert spending.reserve(caller, "t1/writer/m1", [account_of(budget).pk], Amounts(model_calls=1)).reservation
    with enter(PUBLIC):
        WorkItem.objects.filter(object_id=run.pk).update(lease_until=timezone.now() - timedelta(hours=1))
        sweep()
    assert play(run).status == "succeeded"
    account = account_of(budget)
    assert (account.model_calls_used, account.model_calls_reserved) == (3, 0)
    fault = Fault.objects.get(run=run)
    assert (fault.category, fault.code, fault.how) == ("internal", "worker_lost", "resume")
    assert recovery.of_workspace().day == (1, 1)
