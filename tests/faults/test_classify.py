"""Each error of ours belongs to one category, and its sentence holds no secret."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, OperationalError
from redis.exceptions import ConnectionError as RedisAway
from rest_framework.exceptions import Throttled

from agents.knowledge.parsing.errors import Damaged
from agents.llm import types as llm
from agents.runtimes.outcome import CrewFailed, ToolFailed
from agents.runtimes.spec import SpecInvalid
from projects.faults.classifying import RECOVERY, classify, strategy_of
from projects.faults.models import Category
from projects.ledger import RunStopped
from projects.models import Run
from projects.work.leases import LeaseLost
from tenants.errors import Forbidden, Invalid, NotFound, RateLimited, Unavailable

SECRET = "sk-live-4242424242"


@pytest.mark.parametrize(
    ("error", "category", "code"),
    [
        (Invalid("No."), "validation", "invalid"),
        (NotFound("No."), "validation", "not_found"),
        (Forbidden("No."), "permission", "forbidden"),
        (RateLimited("No.", retry_after=3), "rate_limit", "rate_limited"),
        (Unavailable("No."), "internal", "unavailable"),
        (Throttled(), "rate_limit", "throttled"),
        (PermissionDenied(), "permission", "forbidden"),
        (llm.RateLimited("No."), "rate_limit", "rate_limited"),
        (llm.ProviderOverloaded("No."), "provider", "provider_overloaded"),
        (llm.ProviderUnreachable("No."), "provider", "provider_unreachable"),
        (llm.CircuitOpen("No."), "provider", "circuit_open"),
        (llm.BadReply("No."), "provider", "bad_reply"),
        (llm.CredentialRefused("No."), "auth", "credential_refused"),
        (llm.ContextTooLong("No."), "validation", "context_length"),
        (llm.PolicyRefused("No."), "permission", "content_policy"),
        (ToolFailed("No."), "tool", "tool_failed"),
        (CrewFailed("No."), "data", "crew_failed"),
        (SpecInvalid("agents", "none"), "validation", "definition"),
        (Damaged("No."), "data", "damaged"),
        (RunStopped(Run.Status.OVER_BUDGET, "crew_limit", "No."), "budget", "crew_limit"),
        (LeaseLost("No."), "internal", "lease_lost"),
        (OperationalError(SECRET), "internal", "database"),
        (InterfaceError(SECRET), "internal", "database"),
        (DataError(SECRET), "data", "database_data"),
        (RedisAway(SECRET), "internal", "redis"),
        (TimeoutError(SECRET), "provider", "timeout"),
        (ConnectionResetError(SECRET), "provider", "unreachable"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, SECRET), "data", "encoding"),
        (ValueError(SECRET), "internal", "unexpected"),
        (KeyError(SECRET), "internal", "unexpected"),
    ],
)
def test_an_error_has_one_category(error: Exception, category: str, code: str) -> None:
    found = classify(error)
    assert (found.category, found.code) == (category, code)
    assert found.detail
    assert SECRET not in found.detail


def test_every_category_says_what_is_tried() -> None:
    assert set(RECOVERY) == set(Category)
    assert strategy_of(Category.PROVIDER) == ("retry", "failover", "wait")
