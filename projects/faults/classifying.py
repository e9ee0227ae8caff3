"""One classification of errors, and what is done about each category.

An app that has a family of exceptions of its own registers it once, in its `ready()`; everything else is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError
from django.db import Error as DatabaseError
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError
from rest_framework.exceptions import APIException

from projects.budgets.purse import OverLimit
from projects.faults.models import Category
from projects.ledger import RunStopped
from projects.work.leases import LeaseLost
from tenants.errors import DomainError

LONGEST = 2_000
RECOVERY: Mapping[Category, tuple[str, ...]] = {
    Category.VALIDATION: ("stop",),
    Category.AUTH: ("failover", "stop"),
    Category.RATE_LIMIT: ("wait", "failover"),
    Category.PROVIDER: ("retry", "failover", "wait"),
    Category.TOOL: ("repair", "retry"),
    Category.DATA: ("repair", "stop"),
    Category.BUDGET: ("ask", "stop"),
    Category.PERMISSION: ("ask", "stop"),
    Category.INTERNAL: ("resume", "stop"),
}
"""What is tried, in this order, before a person hears of it."""


class Classified(NamedTuple):
    """`code` is for programs, `detail` a sentence for people that holds no secret."""

    category: Category
    code: str
    detail: str


E = TypeVar("E", bound=BaseException)
Reading = Callable[[Any], Classified]
_families: dict[type[BaseException], Reading] = {}


def register(family: type[E], reading: Callable[[E], Classified]) -> None:
    """Say how exceptions of this family are to be read. The nearest class decides."""
    _families[family] = reading


def classify(error: BaseException) -> Classified:
    """What kind of error this is. Of what nobody knows only the name of its class is told: its text may hold anything."""
    for kind in type(error).__mro__:
        if kind in _families:
            found = _families[kind](error)
            return found._replace(code=found.code[:64], detail=found.detail[:LONGEST])
    return _unknown(error)


def strategy_of(category: Category) -> tuple[str, ...]:
    return RECOVERY[category]


def _unknown(error: BaseException) -> Classified:
    name = type(error).__name__
    return Classified(Category.INTERNAL, "unexpected", f"An unexpected error ({name}); the operator's log says more.")


_BY_STATUS = {
    401: Category.PERMISSION,
    403: Category.PERMISSION,
    404: Category.VALIDATION,
    429: Category.RATE_LIMIT,
    503: Category.INTERNAL,
}


def _refusal(error: DomainError) -> Classified:
    return Classified(_BY_STATUS.get(error.status, Category.VALIDATION), error.code, error.detail)


def _answer(error: APIException) -> Classified:
    category = Category.INTERNAL if error.status_code >= 500 else _BY_STATUS.get(error.status_code, Category.VALIDATION)
    return Classified(category, error.default_code, str(error.default_detail))


_BY_STATE = {"over_budget": Category.BUDGET, "timed_out": Category.PROVIDER, "cancelled": Category.PERMISSION}


def _stopped(error: RunStopped) -> Classified:
    return Classified(_BY_STATE.get(error.status, Category.INTERNAL), error.reason, error.detail)


def _as(category: Category, code: str, detail: str) -> Callable[[BaseException], Classified]:
    return lambda _: Classified(category, code, detail)


register(DomainError, _refusal)
register(APIException, _answer)
register(RunStopped, _stopped)
register(OverLimit, lambda error: Classified(Category.BUDGET, error.code, error.detail))
register(LeaseLost, _as(Category.INTERNAL, "lease_lost", "Its worker lost it; another goes on."))
register(DatabaseError, _as(Category.INTERNAL, "database", "The database did not answer, or not as it should."))
register(DataError, _as(Category.DATA, "database_data", "Something does not fit into the database."))
register(IntegrityError, _as(Category.DATA, "database_conflict", "Something clashes with what is stored already."))
register(RedisError, _as(Category.INTERNAL, "redis", "Redis did not answer."))
register(BrokerError, _as(Category.INTERNAL, "broker", "The queue's broker did not answer."))
register(PermissionDenied, _as(Category.PERMISSION, "forbidden", "Its role does not allow this."))
register(TimeoutError, _as(Category.PROVIDER, "timeout", "No answer came in time."))
register(ConnectionError, _as(Category.PROVIDER, "unreachable", "There was no connection to it."))
register(UnicodeError, _as(Category.DATA, "encoding", "A text is not in the encoding that it claims."))
register(MemoryError, _as(Category.INTERNAL, "memory", "There was not enough memory."))
