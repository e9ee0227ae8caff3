"""What a connection may say of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from agents.connections.errors import wrong
from agents.connections.models import Connection
from tenants.egress import EgressRefused, model_policy
from tenants.egress.urls import admit, parse

MOST_ENTRIES = 50
LONGEST_KEY = 400
LONGEST_MODEL = 200
HIGHEST_PRICE = Decimal(10_000)
IN_THE_HOUSE = frozenset({Connection.Provider.OLLAMA, Connection.Provider.LLAMACPP})
NEEDS_KEY = frozenset({Connection.Provider.OPENAI, Connection.Provider.ANTHROPIC, Connection.Provider.GEMINI})


def clean_address(text: str) -> str:
    """The address as it will be used. Nothing is resolved yet: that happens at every call."""
    address = text.strip().rstrip("/")
    if not address:
        return ""
    try:
        url = parse(address)
        admit(url, model_policy())
    except EgressRefused as refused:
        raise wrong("base_url", _what_to_do(refused), code=refused.code) from None
    if url.query or url.fragment:
        raise wrong("base_url", "An address has no ? and no #; keys go into their own field.")
    return address


def _what_to_do(refused: EgressRefused) -> str:
    if refused.code == "port":
        return f"{refused.detail} For a model server in the house the operator adds its host and port to LOCAL_MODEL_HOSTS."
    return refused.detail


def clean_key(text: str) -> str:
    key = text.strip()
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise wrong(
            "credential", f"A key is at most {LONGEST_KEY} plain characters without spaces. Paste only the key."
        )
    return key


def clean_mapping(mapping: Mapping[str, Any]) -> dict[str, str]:
    """Asked-for model to served model."""
    found = {str(asked).strip(): str(served).strip() for asked, served in mapping.items()}
    if len(found) > MOST_ENTRIES or any(not _is_model(name) for pair in found.items() for name in pair):
        raise wrong("models", f"At most {MOST_ENTRIES} pairs of model names, each of 1 to {LONGEST_MODEL} characters.")
    return found


def clean_prices(prices: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """USD per million tokens by model, kept as texts so that no digit is lost."""
    if len(prices) > MOST_ENTRIES or any(not _is_model(str(name)) for name in prices):
        raise wrong("prices", f"At most {MOST_ENTRIES} models, each with a name.")
    return {str(name).strip(): _price(str(name), given) for name, given in prices.items()}


def _price(name: str, given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping) or set(given) != {"prompt", "completion"}:
        raise wrong("prices", f"Give “{name}” the prices prompt and completion, in USD per million tokens.")
    return {side: str(_amount(name, given[side])) for side in ("prompt", "completion")}


def _amount(name: str, value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal(-1)
    if isinstance(value, bool) or not amount.is_finite() or not 0 <= amount <= HIGHEST_PRICE:
        raise wrong("prices", f"The prices of “{name}” are numbers from 0 to {HIGHEST_PRICE:,}.")
    return amount


def _is_model(name: str) -> bool:
    return 1 <= len(name.strip()) <= LONGEST_MODEL and name.isprintable()


CLEAN: Mapping[str, Callable[[Any], Any]] = {
    "base_url": clean_address,
    "mapping": clean_mapping,
    "prices": clean_prices,
    "name": str.strip,
    "model": str.strip,
}
