from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from agents.llm.choose import forget_probes
from simulations import services
from simulations.models import Scenario, Simulation
from tenants.access import Member
from tenants.models import Tenant
from tests.servers.llm import FakeLLM, Say, Seen
from tests.simulations.conftest import work

Played = Callable[..., Simulation]


@pytest.fixture
def db(fresh_db: None) -> None:
    """Models are asked on an event loop, whose database calls are made in threads: everything here is committed."""


@pytest.fixture
def model(settings: Settings) -> Iterator[FakeLLM]:
    """The model that answers in this test: of 100 residents 70 move."""
    with FakeLLM(most_move) as server:
        settings.LLM = dict.fromkeys(settings.LLM, "") | {
            "openai_base_url": server.openai_url,
            "openai_model": "fake-1",
        }
        forget_probes()
        yield server
    forget_probes()


def most_move(_: Seen) -> Say:
    shares = [{"action": "move", "weight": 70}, {"action": "stay", "weight": 30}]
    return Say(json.dumps({"options": shares}), usage=(100, 10))


@pytest.fixture
def town(in_acme: Tenant, alice_at_acme: Member) -> Scenario:
    """81 cells, most of them inhabited; no wish is so strong that nobody moves."""
    parameters = {"size": 12, "density": 0.9, "threshold": 0.7}
    new = services.NewScenario(key="schelling", parameters=parameters, seed=5, steps=4)
    return services.add_scenario(new=new, by=alice_at_acme)


@pytest.fixture
def played(town: Scenario, alice_at_acme: Member) -> Played:
    """Begin a play and carry it out as a worker would."""

    def made(**settings: Any) -> Simulation:
        simulation = services.create_simulation(
            scenario=town, settings=services.Settings(**settings), start=True, by=alice_at_acme
        )
        return carried_out(simulation)

    return made


def carried_out(simulation: Simulation) -> Simulation:
    """To its rest or its end, in as many turns of a worker as a slow machine needs."""
    assert work()
    simulation.refresh_from_db()
    while simulation.status == Simulation.Status.RUNNING and work():
        simulation.refresh_from_db()
    return simulation
