"""Fifty callers at once on one budget: in two processes and on fifty threads, and not one unit too many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, transaction

from projects.budgets import spending
from projects.budgets.amounts import NOTHING, Amounts
from projects.budgets.models import Account, Reservation
from projects.budgets.spending import Caller, Settlement
from tenants.access import Member
from tenants.context import enter
from tenants.models import Tenant
from tests.budgets.conftest import a_budget, account_of, leased

CALLERS = 50
WANTED = Amounts(Decimal("0.01"), 10, 1)


@pytest.fixture
def db(fresh_db: None) -> None:
    """Callers are threads and processes of their own, so everything here is really committed."""


def test_settling_waits_for_the_account_before_it_touches_the_reservation(
    in_acme: Tenant, alice_at_acme: Member
) -> None:
    """Giving back locks accounts first, then reservations; the other way round the two would wait for each other."""
    account = account_of(a_budget(alice_at_acme, usd=Decimal("0.50"))).pk
    run, lease = leased(alice_at_acme)
    taken = spending.reserve(Caller(run.kind, run.pk, lease.fence), "t1", [account], WANTED)
    assert taken.reservation is not None
    settlement = Settlement(taken.reservation, (account,), WANTED)

    def settle() -> None:
        with enter("t_acme"):
            spending.settle([settlement])
        connection.close()

    other = threading.Thread(target=settle)
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account)
        other.start()
        wait_until_blocked(1)
        held = Reservation.objects.select_for_update(nowait=True).get(pk=taken.reservation)
        assert held.key == "t1"
    other.join()
    assert not Reservation.objects.exists()


def test_fifty_threads(in_acme: Tenant, alice_at_acme: Member) -> None:
    """Each calls again and again, in two accounts of one order and the other, until neither has room."""
    first = a_budget(alice_at_acme, usd=Decimal("0.50"))
    second = a_budget(alice_at_acme, period="total", tokens=500)
    run, lease = leased(alice_at_acme)
    accounts = [account_of(first).pk, account_of(second).pk]

    def call(number: int) -> int:
        with enter("t_acme"):
            caller, made = Caller(run.kind, run.pk, lease.fence), 0
            ordered = accounts if number % 2 else accounts[::-1]
            try:
                while (taken := spending.reserve(caller, f"{number}.{made}", ordered, WANTED)).reservation:
                    spending.settle([Settlement(taken.reservation, tuple(ordered), WANTED)])
                    made += 1
            finally:
                connection.close()
            return made

    with ThreadPoolExecutor(CALLERS) as pool:
        made = sum(pool.map(call, range(CALLERS)))
    assert made == 50
    assert account_of(first).used == account_of(second).used == (Decimal("0.50"), 500, 50)
    assert account_of(first).reserved == NOTHING
    assert not Reservation.objects.exists()


def test_fifty_that_all_wait_for_the_same_row(in_acme: Tenant, alice_at_acme: Member) -> None:
    """Every statement has begun before the first may go on: each must see what those before it took."""
    budget = a_budget(alice_at_acme, usd=Decimal("0.10"))
    run, lease = leased(alice_at_acme)
    account = account_of(budget).pk
    connected = threading.Barrier(CALLERS + 1, timeout=120)

    def call(number: int) -> bool:
        try:
            with enter("t_acme"):
                connection.ensure_connection()
                connected.wait()
                caller = Caller(run.kind, run.pk, lease.fence)
                return spending.reserve(caller, str(number), [account], WANTED).reservation is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(CALLERS) as pool:
        with transaction.atomic():
            Account.objects.select_for_update().get(pk=account)
            answers = [pool.submit(call, number) for number in range(CALLERS)]
            connected.wait()
            wait_until_blocked(CALLERS)
        made = sum(answer.result() for answer in answers)
    assert made == 10
    assert account_of(budget).reserved == Amounts(Decimal("0.10"), 100, 10)


def wait_until_blocked(number: int) -> None:
    """Until so many statements of this database wait for a lock."""
    ends = time.monotonic() + 60
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while time.monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction sees what it saw first
            cursor.execute(blocked)
            if cursor.fetchone()[0] >= number:
                return
        time.sleep(0.02)
    raise AssertionError("they do not wait")


PROCESS = """
import asyncio, json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from decimal import Decimal
from uuid import UUID
from projects.budgets.amounts import Ceiling
from projects.budgets.purse import OverLimit, Purse
from projects.budgets.rules import Bounded
from projects.budgets import purse, spending
from projects.budgets.spending import Caller
from tenants.context import in_tenant
purse.PATIENCE = 3.0
kind, object_id, fence, callers = sys.argv[1], UUID(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])

async def call(n):
    own, made = Purse(Bounded("t_acme", Caller(kind, object_id, fence))), 0
    while True:
        try:
            reservation = await own.reserve(f"{os.getpid()}.{n}.{made}", Ceiling(50, 50, Decimal(100), Decimal(100)))
        except OverLimit:
            return made
        used = 50 + reservation.answer_tokens
        await in_tenant("t_acme", spending.settle, [reservation.used(Decimal(used) / 10_000, used)])
        made += 1

async def main():
    print(json.dumps(sum(await asyncio.gather(*(call(n) for n in range(callers))))))
asyncio.run(main())
"""


def test_fifty_callers_in_two_processes(in_acme: Tenant, alice_at_acme: Member) -> None:
    budget = a_budget(alice_at_acme, usd=Decimal("0.50"), tokens=4_000)
    run, lease = leased(alice_at_acme)
    argv = [sys.executable, "-W", "ignore", "-c", PROCESS, run.kind, str(run.pk), str(lease.fence), "25"]
    env = {**os.environ, "DATABASE_URL": _own_database()}
    started = [subprocess.Popen(argv, env=env, stdout=subprocess.PIPE) for _ in range(2)]
    made = [json.loads(child.communicate(timeout=300)[0]) for child in started]
    account = account_of(budget)
    assert account.used == (Decimal("0.40"), 4_000, 40)
    assert sum(made) == 40
    assert account.reserved == NOTHING


def _own_database() -> str:
    own = connection.settings_dict
    return f"postgresql://{own['USER']}:{own['PASSWORD']}@/{own['NAME']}?host={own['HOST']}&port={own['PORT']}"
