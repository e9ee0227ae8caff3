"""Asking a provider whether it would answer, for the person who set it up."""

from __future__ import annotations

import time
from dataclasses import dataclass

from agents.connections.chain import link_to
from agents.connections.models import Connection
from agents.llm.loop import wait_for
from agents.llm.routes import Route
from agents.llm.types import LLMError, RequestRefused
from tenants.context import release_connection

SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a test found; `models` are the first names that the provider serves."""

    ok: bool
    detail: str
    seconds: float
    models: tuple[str, ...] = ()


def try_out(connection: Connection) -> Finding:
    """Ask for the list of models with the connection's key: it costs nothing and needs address and key to be right."""
    link = link_to(connection)
    if link.route is None:
        return Finding(ok=False, detail=link.problem, seconds=0.0)
    release_connection()
    return wait_for(_ask(link.route))


async def _ask(route: Route) -> Finding:
    began = time.monotonic()
    try:
        models = await route.provider.models(deadline=began + SECONDS)
    except LLMError as failure:
        return Finding(ok=False, detail=_advice(failure), seconds=time.monotonic() - began)
    seconds = time.monotonic() - began
    if route.model and models and not any(_same(route.model, name) for name in models):
        some = ", ".join(models[:5])
        detail = f"It answers, but does not list the model “{route.model}”. It lists {some}."
        return Finding(ok=False, detail=detail, seconds=seconds, models=tuple(models[:50]))
    detail = f"It answers and lists {len(models)} model{'' if len(models) == 1 else 's'}."
    return Finding(ok=True, detail=detail, seconds=seconds, models=tuple(models[:50]))


def _advice(failure: LLMError) -> str:
    match failure.code:
        case "credential_refused":
            return f"{failure.detail} Check the key in your account there and paste it again."
        case "provider_unreachable":
            return f"{failure.detail} Check the address, and that the server runs and can be reached from here."
        case "rate_limited":
            return f"{failure.detail} The key works; wait a little, or raise the limit there."
    if isinstance(failure, RequestRefused):
        return f"{failure.detail} Check the address: many servers want it to end in /v1."
    return failure.detail


def _same(wanted: str, served: str) -> bool:
    """Ollama adds `:latest`, Gemini puts `models/` before a name."""
    return wanted in {served, served.removesuffix(":latest"), served.removeprefix("models/")}
