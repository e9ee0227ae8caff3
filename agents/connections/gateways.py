"""The gateway of a workspace: its own chain of providers, or where it has none, what the operator's settings name."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from agents.connections import house
from agents.connections.chain import Chain, Link, link_to, problems_of, read_chain
from agents.connections.generations import present, stamp
from agents.connections.models import Connection
from agents.connections.store import DatabaseLayer, in_workspace
from agents.llm.cache import Layer, LayeredCache
from agents.llm.choose import Choice, GatewaySettings, choose
from agents.llm.gateway import Description, Gateway, Hedging
from agents.llm.loop import wait_for
from agents.llm.ratelimits import RateLimiter
from agents.llm.types import CredentialRefused
from tenants.context import current_schema, enter

CHECK_SECONDS = 3.0
NOBODY_LEFT = "The providers that this run asked were removed or switched off. Add one under Settings, Providers, and run it again."


@dataclass
class _Known:
    """A workspace's chain as this process knows it: right at `checked`; at `asked` somebody went to look again (time.monotonic)."""

    chain: Chain
    checked: float
    asked: float = 0.0

    def is_fresh(self) -> bool:
        return time.monotonic() - max(self.checked, self.asked) < CHECK_SECONDS


_known: dict[str, _Known] = {}


async def gateway_of(schema: str, *, since: float = 0.0) -> Gateway:
    """The gateway of a workspace, for an event loop. A change of the chain is seen within seconds, and at once where it was made
    before `since` (time.monotonic).

    Raises CredentialRefused where the workspace has providers and none of their keys can be opened.
    """
    return (await follow(schema, since=since)).gateway


async def follow(schema: str, *, since: float = 0.0) -> Following:
    """The same for a run, which lasts: `present()` gives its gateway as it is by then."""
    chain = await _chain_of(schema, since)
    return Following(schema, chain, _gateway(schema, chain, None if chain.links else await choose(settings_of(schema))))


class Following:
    """The gateway of one run. A provider that was taken away is asked no more, and a new one is; but who began with the workspace's
    own is not answered by the operator's instead, and of these the one that was chosen stays for the whole run."""

    def __init__(self, schema: str, chain: Chain, gateway: Gateway) -> None:
        self.gateway = gateway
        self._schema, self._chain = schema, chain

    async def present(self) -> Gateway:
        """Raises CredentialRefused where nobody is left to ask. While the database is away, as it was."""
        try:
            chain = await _chain_of(self._schema, 0.0)
        except DatabaseError:
            return self.gateway
        if self._chain.links and not chain.links:
            raise CredentialRefused(NOBODY_LEFT)
        if chain is not self._chain and chain.links:
            self._chain, self.gateway = chain, _gateway(self._schema, chain, None)
        return self.gateway


async def _chain_of(schema: str, since: float) -> Chain:
    known = _fresh(schema, since)
    if known is None:
        known = await in_workspace(schema, partial(_look, schema, since))
    return known.chain


def gateway_of_sync(schema: str, *, since: float = 0.0) -> Gateway:
    """The same for a thread."""
    return follow_sync(schema, since=since).gateway


def follow_sync(schema: str, *, since: float = 0.0) -> Following:
    """The same for a thread; `present` is for an event loop."""
    known = _fresh(schema, since)
    if known is None:
        with enter(schema):
            known = _look(schema, since)
    choice = None if known.chain.links else wait_for(choose(settings_of(schema)))
    return Following(schema, known.chain, _gateway(schema, known.chain, choice))


def gateway_to(connection: Connection | None) -> Gateway:
    """The way to one provider of the current workspace and to no other; None for what the operator's settings name.

    Raises CredentialRefused where it is switched off, or its key cannot be opened.
    """
    if connection is not None and not connection.is_enabled:
        raise CredentialRefused(f"The provider “{connection.name}” is switched off.")
    schema = current_schema()
    links = () if connection is None else (link_to(connection),)
    chain = Chain(links, MappingProxyType(dict(present())))
    return _gateway(schema, chain, None if links else wait_for(choose(settings_of(schema))))


def look_again(schema: str) -> None:
    """Look at the chain anew at the next call in this process; others notice within seconds."""
    _known.pop(schema, None)


def forget() -> None:
    """Know nothing. For tests."""
    _known.clear()
    house.forget()


def operators_settings() -> GatewaySettings:
    """What the operator set, for workspaces without providers of their own."""
    given: dict[str, Any] = settings.LLM
    return GatewaySettings(**given)


def hedging() -> Hedging | None:
    """Whether a second provider of the chain is asked beside a slow first one; both are paid for."""
    wanted: str | float = settings.LLM_HEDGING
    if wanted == "off":
        return None
    return Hedging() if wanted == "usual" else Hedging(after=float(wanted))


def settings_of(schema: str) -> GatewaySettings:
    """The operator's, or those of a workspace that must never ask a model."""
    return GatewaySettings(provider="offline") if schema in settings.OFFLINE_SCHEMAS else operators_settings()


def _fresh(schema: str, since: float) -> _Known | None:
    """What is known, if it was looked at a moment ago and not before `since`. One that is merely stale is given to all but the
    first who asks."""
    known = _known.get(schema)
    if known is None or known.checked < since:
        return None
    if known.is_fresh():
        return known
    known.asked = time.monotonic()
    return None


def _look(schema: str, since: float) -> _Known:
    """Compare the generations, and read the chain only where they changed. What is known serves while the database is away."""
    began, known = time.monotonic(), _known.get(schema)
    if known is not None and since and known.checked >= since:
        return known  # somebody else has looked meanwhile
    try:
        if known is None or dict(known.chain.generations) != dict(present()):
            known = _known[schema] = _Known(read_chain(), began)
        known.checked = began
    except DatabaseError:
        if known is None:
            raise
    return known


def _gateway(schema: str, chain: Chain, choice: Choice | None) -> Gateway:
    routes = choice.routes if choice else chain.routes
    if not routes:
        raise CredentialRefused(problems_of(chain.links))
    return Gateway(
        routes,
        breaker=house.breaker(),
        limiter=RateLimiter(house.memory(), chain.allowances, local=house.windows()),
        cache=LayeredCache(_layers(schema), stamp=partial(stamp, chain.generations)),
        hedging=hedging(),
        observe=house.observe,
        tenant=schema,
        description=choice.description if choice else _description(chain.links),
    )


def _layers(schema: str) -> list[Layer]:
    quick: list[Layer] = [house.process_layer(), house.redis_layer()]
    days = settings.LLM_CACHE["database_days"]
    return [*quick, DatabaseLayer(schema, days=days)] if days else quick


def _description(links: tuple[Link, ...]) -> Description:
    first = next(link.route for link in links if link.route)
    return Description(first.provider.name, first.model, is_offline=False)
