from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from agents.connections.gateways import follow_sync
from projects.budgets.spending import Caller
from simulations.models import Simulation
from simulations.ports.meter import Meter, Whose
from tenants.models import Tenant
from tests.agents.conftest import model
from tests.simulations.conftest import Begin

__all__ = ["model"]
MeterOf = Callable[..., Meter]


@pytest.fixture
def db(fresh_db: None) -> None:
    """Models are asked on an event loop, whose database calls are made in threads: everything here is committed."""


@pytest.fixture
def ready(begin: Begin) -> Simulation:
    return begin(start=False)


@pytest.fixture
def meter_of(acme: Tenant) -> MeterOf:
    def made(simulation: Simulation, **given: Any) -> Meter:
        whose = Whose(acme.schema_name, Caller("simulation", simulation.pk, 1), **given)
        return Meter(follow_sync(acme.schema_name), whose, call_seconds=5.0)

    return made


def books(simulation: Simulation) -> tuple[int, int, Decimal]:
    simulation.refresh_from_db()
    return simulation.llm_calls, simulation.tokens, simulation.cost
