"""A market with our own listings, and a worker for whatever waits in the queue."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agents.connections import gateways
from marketplace.sandbox import trying
from marketplace.sandbox.workplace import ensure_sandbox
from projects.work import leases, tasks
from tenants.context import PUBLIC, enter
from tenants.models import Tenant


@pytest.fixture
def sandbox(db: None) -> Tenant:
    return ensure_sandbox()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody waits a second between two looks; what runs have asked of Redis is closed again."""
    monkeypatch.setattr(trying, "LOOK_SECONDS", 0.0)
    yield
    gateways.forget()


def work(*, most: int = 60) -> int:
    """Carry out what waits, one thing after the other, until nothing does. Returns how many things were done."""
    for done in range(most):
        with enter(PUBLIC):
            lease = leases.claim(["crews", "simulations"]) or leases.claim(["default"])
            if lease is None:
                return done
            tasks.carry_out(lease)
    raise AssertionError(f"After {most} things there is still something to do.")
