from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from agents.connections.gateways import gateway_of_sync
from agents.llm.choose import forget_probes
from projects.budgets.spending import Caller
from simulations.models import Simulation
from simulations.ports.meter import Meter, Whose
from tenants.models import Tenant
from tests.servers.llm import FakeLLM
from tests.simulations.conftest import Begin

MeterOf = Callable[..., Meter]


@pytest.fixture
def db(fresh_db: None) -> None:
    """Models are asked on an event loop, whose database calls are made in threads: everything here is committed."""


@pytest.fixture
def model(settings: Settings) -> Iterator[FakeLLM]:
    """The model that answers in this test."""
    with FakeLLM() as server:
        settings.LLM = dict.fromkeys(settings.LLM, "") | {
            "openai_base_url": server.openai_url,
            "openai_model": "fake-1",
        }
        forget_probes()
        yield server
    forget_probes()


@pytest.fixture
def ready(begin: Begin) -> Simulation:
    return begin(start=False)


@pytest.fixture
def meter_of(acme: Tenant) -> MeterOf:
    def made(simulation: Simulation, **given: Any) -> Meter:
        whose = Whose(acme.schema_name, Caller("simulation", simulation.pk, 1), **given)
        return Meter(gateway_of_sync(acme.schema_name), whose, call_seconds=5.0)

    return made


def books(simulation: Simulation) -> tuple[int, int, Decimal]:
    simulation.refresh_from_db()
    return simulation.llm_calls, simulation.tokens, simulation.cost
