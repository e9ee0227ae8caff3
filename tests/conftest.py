"""The cast and the doors that they come through."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as examples
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.connections import gateways
from projects.budgets import rules
from projects.work.threads import end_loop_of_thread
from tenants import resolving
from tenants.access import Member, get_member
from tenants.context import PUBLIC, enter
from tenants.models import Tenant, User
from tenants.provenance import revoked
from tenants.proving.tokens import sign_in
from tests import cast

ClientOf = Callable[[User], Client]
ApiOf = Callable[[User], APIClient]

# The same examples everywhere and every time, and as long as a busy machine needs for them.
examples.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("steady")


@pytest.fixture(autouse=True)
def _no_memory_between_tests(settings: Settings) -> Iterator[None]:
    settings.PROVIDER_PATIENCE_SECONDS = 0.0  # tests of waiting say so
    settings.HEARTBEAT_SECONDS = 3600.0  # a heart's own connection would not see what a test has not committed
    settings.LLM_REDIS_PATIENCE = 60.0  # or a busy machine's calls went by what this process knows alone
    settings.LEASE_SECONDS = 7200.0  # so nothing is taken from a test that a slow machine takes its time for
    settings.WHITENOISE_AUTOREFRESH = True  # or every client of a test would first read all static files
    settings.LLM_CACHE = {**settings.LLM_CACHE, "database_days": 0}  # it would outlive the rollback
    gateways.forget()
    resolving.forget()
    rules.forget()
    revoked.memory.forget()
    with enter(PUBLIC):  # a test's client leaves its thread in the workspace that it asked last
        yield
    end_loop_of_thread()
    resolving.forget()


@pytest.fixture
def alice(db: None) -> User:
    return cast.person("alice")


@pytest.fixture
def victor(db: None) -> User:
    return cast.person("victor")


@pytest.fixture
def mallory(db: None) -> User:
    return cast.person("mallory")


@pytest.fixture
def moderator(db: None) -> User:
    return cast.person("moderator")


@pytest.fixture
def acme(db: None) -> Tenant:
    return cast.workspace("acme")


@pytest.fixture
def globex(db: None) -> Tenant:
    return cast.workspace("globex")


@pytest.fixture
def in_acme(acme: Tenant) -> Iterator[Tenant]:
    """The test's own database calls read and write Acme's schema."""
    with enter(acme.schema_name):
        yield acme


@pytest.fixture
def alice_at_acme(alice: User, acme: Tenant) -> Member:
    with enter(PUBLIC):
        return get_member(alice, acme)


@pytest.fixture
def victor_at_acme(victor: User, acme: Tenant) -> Member:
    with enter(PUBLIC):
        return get_member(victor, acme)


@pytest.fixture
def client_of() -> ClientOf:
    """A browser's client, signed in."""

    def client(user: User) -> Client:
        made = Client()
        made.force_login(user)
        return made

    return client


@pytest.fixture
def api_of() -> ApiOf:
    """A program's client, with an access token."""

    def client(user: User) -> APIClient:
        made = APIClient()
        made.credentials(HTTP_AUTHORIZATION=f"Bearer {sign_in(user).access}")
        return made

    return client
