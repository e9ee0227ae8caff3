"""From a workspace's rows to the ways that its gateway may take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from types import MappingProxyType

from agents.connections import credentials
from agents.connections.checking import IN_THE_HOUSE
from agents.connections.generations import Generations, present
from agents.connections.models import Connection
from agents.llm import vendors
from agents.llm.prices import Price
from agents.llm.ratelimits import Allowance, account_of
from agents.llm.routes import Route
from agents.llm.types import LLMError
from agents.llm.wire import Limits, Way
from tenants.context import current_schema
from tenants.egress import egress_transport, model_policy
from tenants.egress.transport import EgressTransport
from tenants.sealing import Unsealable

HOSTED = Limits()
SLOW_START = Limits(first_byte=180, idle=60, total=600)  # a machine in the house loads gigabytes before its first word


@dataclass(frozen=True, slots=True)
class Link:
    """One connection, ready to be asked. `problem` says why it cannot be; then there is no route."""

    name: str
    route: Route | None
    allowance: Allowance
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """What a workspace has set, and the generations that it was read at."""

    links: tuple[Link, ...]
    generations: Generations

    @property
    def routes(self) -> list[Route]:
        return [link.route for link in self.links if link.route is not None]

    @property
    def allowances(self) -> dict[str, Allowance]:
        """The limits that were set, by account."""
        limited = [link for link in self.links if link.route and link.allowance != Allowance()]
        return {account_of(link.route.target): link.allowance for link in limited if link.route}


def read_chain() -> Chain:
    """The chain of the current workspace. Its routes hold keys in clear, so it is never stored or shown."""
    generations = present()  # first: a change while we read is found by the next look
    enabled = Connection.objects.filter(is_enabled=True).select_related("credential")
    return Chain(tuple(link_to(connection) for connection in enabled), MappingProxyType(dict(generations)))


def link_to(connection: Connection) -> Link:
    """The connection, or why it cannot be used: a key that does not open is never left out of a call in silence."""
    allowance = Allowance(connection.requests_per_minute, connection.tokens_per_minute)
    try:
        return Link(connection.name, vendors.route_to(_of(connection)), allowance)
    except Unsealable as closed:
        return Link(connection.name, None, allowance, problem=str(closed))
    except LLMError as refused:
        return Link(connection.name, None, allowance, problem=refused.detail)


def _of(connection: Connection) -> vendors.Connection:
    schema = current_schema()
    return vendors.Connection(
        provider=connection.provider,
        base_url=connection.base_url,
        api_key=credentials.reveal(connection),
        model=connection.model,
        models=MappingProxyType(dict(connection.mapping)),
        tenant=schema,
        private=connection.is_private,
        prices={name: _price(given) for name, given in connection.prices.items()},
        way=way_of(schema),
        limits=SLOW_START if connection.provider in IN_THE_HOUSE else HOSTED,
    )


def _price(given: Mapping[str, str]) -> Price:
    prompt = Decimal(given["prompt"])
    return Price(prompt, Decimal(given["completion"]), cached=prompt)


@cache
def way_of(schema: str) -> Way:
    """The door for addresses that people gave, one per workspace: connections are not shared between tenants."""
    return Way(transport=partial(_door, schema))


def _door(_schema: str) -> EgressTransport:
    return egress_transport(model_policy())


def problems_of(links: Sequence[Link]) -> str:
    return " ".join(f"{link.name}: {link.problem}" for link in links if link.problem)
