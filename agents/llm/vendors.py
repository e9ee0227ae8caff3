"""Making a provider by its name: the one place that knows all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agents.llm import wire
from agents.llm.prices import Price
from agents.llm.routes import PREFIXES, Route, credential_mark
from agents.llm.types import Provider, RequestRefused, Target

LLAMACPP_URL = "http://localhost:8080"
IN_THE_HOUSE = frozenset({"ollama", "llamacpp", "offline"})


@dataclass(frozen=True, slots=True)
class Connection:
    """What it takes to reach models: which vendor, where (empty for the vendor's own address), as whom, which model.

    `tenant` is the schema of the workspace that these belong to, empty for the operator's.
    """

    provider: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    model: str = ""
    models: Mapping[str, str] = field(default_factory=dict)
    tenant: str = ""
    private: bool | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    way: wire.Way = wire.DIRECT
    limits: wire.Limits = field(default_factory=wire.Limits)


def route_to(connection: Connection) -> Route:
    """The connection as a link of a chain. RequestRefused where its vendor is unknown or its client is not installed."""
    if connection.provider not in _MAKERS:
        known = ", ".join(_MAKERS)
        raise RequestRefused(f"There is no provider {connection.provider[:40]!r}; there are {known}.")
    provider, base_url, is_public = _MAKERS[connection.provider](connection)
    target = Target(
        provider=connection.provider,
        base_url=base_url,
        model=connection.model,
        credential=credential_mark(connection.api_key),
        tenant=connection.tenant,
        public=is_public,
    )
    private = connection.provider in IN_THE_HOUSE if connection.private is None else connection.private
    return Route(provider, target, connection.model, connection.models, private=private, prices=connection.prices)


Made = tuple[Provider, str, bool]
"""The provider, the address that it asks, and whether that is the vendor's own."""


def _ollama(of: Connection) -> Made:
    from agents.llm.providers.ollama import Ollama  # noqa: PLC0415 - each client takes a while to import

    made = Ollama(of.base_url, model=of.model, api_key=of.api_key, way=of.way, limits=of.limits)
    return made, made.base_url, False


def _openai(of: Connection) -> Made:
    from agents.llm.providers.openai import OFFICIAL, OpenAI  # noqa: PLC0415

    made = OpenAI(api_key=of.api_key, base_url=of.base_url, model=of.model, way=of.way, limits=of.limits)
    return made, made.base_url, made.base_url == OFFICIAL


def _llamacpp(of: Connection) -> Made:
    """Any address of a llama.cpp server, with or without the version at its end."""
    from agents.llm.providers.openai import OpenAI  # noqa: PLC0415

    base_url = (of.base_url or LLAMACPP_URL).rstrip("/").removesuffix("/v1") + "/v1"
    made = OpenAI(api_key=of.api_key, base_url=base_url, model=of.model, name="llamacpp", way=of.way, limits=of.limits)
    return made, base_url, False


def _anthropic(of: Connection) -> Made:
    from agents.llm.providers.anthropic import OFFICIAL, Anthropic  # noqa: PLC0415

    made = Anthropic(api_key=of.api_key, base_url=of.base_url, model=of.model, way=of.way, limits=of.limits)
    return made, made.base_url, made.base_url == OFFICIAL


def _gemini(of: Connection) -> Made:
    from agents.llm.providers.gemini import OFFICIAL, Gemini  # noqa: PLC0415

    made = Gemini(api_key=of.api_key, base_url=of.base_url, model=of.model, way=of.way, limits=of.limits)
    return made, made.base_url, made.base_url == OFFICIAL


def _offline(of: Connection) -> Made:
    from agents.llm.providers.offline import Offline  # noqa: PLC0415

    return Offline(), "", False


_MAKERS: Mapping[str, Callable[[Connection], Made]] = {
    "ollama": _ollama,
    "llamacpp": _llamacpp,
    "openai": _openai,
    "anthropic": _anthropic,
    "gemini": _gemini,
    "offline": _offline,
}
assert set(_MAKERS) == set(PREFIXES)  # noqa: S101 - a vendor has a prefix, and a prefix a vendor
