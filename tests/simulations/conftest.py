from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.work.leases import Lease, _held, claim
from projects.work.tasks import carry_out
from simulations import services
from simulations.models import Scenario, Simulation
from simulations.ports import acquaintance
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.models import Tenant, User
from tests.conftest import ApiOf

Begin = Callable[..., Simulation]
SMALL = {"size": 20, "density": 0.9, "threshold": 0.7}


@pytest.fixture(autouse=True)
def _strangers() -> None:
    """No provider is known from another test."""
    acquaintance.forget()


@pytest.fixture
def api(api_of: ApiOf, alice: User, in_acme: Tenant) -> APIClient:
    """Alice's program at Acme, sending JSON."""
    client = api_of(alice)
    client.default_format = "json"
    return client


@pytest.fixture
def scenario(in_acme: Tenant, alice_at_acme: Member) -> Scenario:
    return services.add_scenario(new=services.NewScenario(key="schelling", parameters=SMALL, seed=5), by=alice_at_acme)


@pytest.fixture
def begin(scenario: Scenario, alice_at_acme: Member) -> Begin:
    """Begin a play of 12 steps in a small town, where threshold 0.7 never settles so soon."""

    def made(*, start: bool = True, **settings: Any) -> Simulation:
        chosen = services.Settings(**{"steps": 12, **settings})
        return services.create_simulation(scenario=scenario, settings=chosen, start=start, by=alice_at_acme)

    return made


@pytest.fixture
def simulation(begin: Begin) -> Simulation:
    return begin()


def work() -> bool:
    """Do what a worker does when it is woken; False where nothing waits."""
    with enter(PUBLIC):
        lease = take()
        if lease is not None:
            carry_out(lease)
    return lease is not None


def take() -> Lease | None:
    """Claim what waits, without a heart: its own connection would not see what the test has not committed."""
    lease = claim(["simulations"])
    if lease is not None:
        _held.pop(lease.id)
    return lease


def pictures(simulation: Simulation) -> list[tuple[int, str]]:
    """(step, digest) of all stored pictures, in the order of their numbers."""
    return list(simulation.frames.exclude(kind="status").order_by("seq").values_list("step", "digest"))
